import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { InfernetError } from "@infernet/sdk/core";
import { addConnectionOptions, resolveNetwork, type ConnectionFlags } from "../job/connection.ts";
import { dataPathOf } from "../job/run.ts";
import { listenForInterrupt } from "../process/interrupt.ts";
import { columns, hasColour, painter } from "../terminal/style.ts";
import { commandOutput } from "./options.ts";

interface VerifyFlags extends ConnectionFlags {
  readonly data?: string;
  readonly output?: string;
}

/** `infernet receipt verify` */
export function addReceiptCommands(program: Command): void {
  const receipt = program.command("receipt").description("proof of what was computed, by whom, and what was paid");
  addConnectionOptions(receipt.command("verify <file>").description("hold a receipt, and the files beside it, against the chain"))
    .option("--data <file>", "results file; default: the one beside the receipt, if it is there")
    .option("--output <file>", "output file, to check it as well")
    .addHelpText("after", "\nExample:\n  infernet receipt verify questions.txt.output.receipt.json --output questions.txt.output.jsonl\n")
    .action(async (file: string, flags: VerifyFlags, command: Command) => {
      const interrupt = listenForInterrupt();
      const network = resolveNetwork(flags);
      const beside = dataPathOf(file);
      const data = flags.data ?? (existsSync(beside) ? beside : undefined);
      const value = parse(read(file), file);
      const [{ createEvmPort }, { verifyReceipt }] = await Promise.all([import("@infernet/sdk/chain/evm"), import("@infernet/sdk/client")]);
      const port = await createEvmPort({ rpc: network.rpc, deployment: JSON.parse(readFileSync(network.deploymentFile, "utf8")) as unknown });
      try {
        const verdict = await verifyReceipt(value, {
          port,
          signal: interrupt.signal,
          ...(data !== undefined && { data: read(data) }),
          ...(flags.output !== undefined && { output: read(flags.output) }),
        });
        const paint = painter(hasColour(process.stdout));
        const rows = verdict.checks.map(({ name, ok, detail }) => [paint(ok ? "green" : "red", ok ? "passed" : "FAILED"), name, detail]);
        const skipped = verdict.skipped.map((name) => [paint("yellow", "skipped"), name, "its file was not handed in"]);
        commandOutput(command).answer(verdict, columns([...rows, ...skipped]).join("\n"));
        const failed = verdict.checks.find(({ ok }) => !ok);
        if (failed !== undefined) throw new InfernetError("invalid_receipt", `${failed.name}: ${failed.detail}`);
      } finally {
        await port.close();
        interrupt.end();
      }
    });
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new InfernetError("invalid_argument", `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

function parse(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new InfernetError("invalid_receipt", `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
