import { Command } from "commander";
import { addAggregatorCommands } from "./commands/aggregator.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addDevnetCommands } from "./commands/devnet.ts";
import { addJobCommands } from "./commands/job.ts";
import { addNetworkCommands } from "./commands/network.ts";
import { addProviderCommands } from "./commands/provider.ts";
import { addReceiptCommands } from "./commands/receipt.ts";

/** The `infernet` command line. */
export function createProgram(): Command {
  const program = new Command("infernet")
    .description("Sell and buy AI inference without trust on either side")
    .version("0.1.0")
    .option("--json", "print the answer as one JSON line, errors too")
    .option("--quiet", "no progress on stderr")
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for the options)")
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong use or settings, 3 failed but may work later, 4 a check failed, 130 interrupted.\n");
  addDemoCommand(program);
  addDevnetCommands(program);
  addJobCommands(program);
  addReceiptCommands(program);
  addProviderCommands(program);
  addAggregatorCommands(program);
  addNetworkCommands(program);
  return program;
}
