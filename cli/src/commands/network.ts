import type { Command } from "commander";
import { addConnectionOptions, bootstrapOption } from "../job/connection.ts";
import type { NetworkFlags } from "../network/session.ts";
import { interruptible } from "./operator.ts";
import { commandOutput, secondsOption } from "./options.ts";

/** `infernet network peers | providers` */
export function addNetworkCommands(program: Command): void {
  const network = program.command("network").description("what the network knows, held against the chain");
  const looking = (command: Command) => addConnectionOptions(command).addOption(bootstrapOption()).option("--wait <seconds>", "time that peers get to answer", secondsOption, 5);

  looking(network.command("peers"))
    .description("peers that the DHT and the gossip know, with the nodes that they are on chain")
    .action((flags: NetworkFlags, command: Command) =>
      interruptible(async (signal) => {
        const [{ lookAtNetwork }, { networkPeers, peersText }] = await Promise.all([import("../network/session.ts"), import("../network/peers.ts")]);
        const peers = await lookAtNetwork(flags, signal, networkPeers);
        commandOutput(command).answer({ peers }, peersText(peers));
      }),
    );

  looking(network.command("providers"))
    .description("providers that announce themselves: stake and score from the chain, the rest in their own words")
    .option("--all", "those too that announce nothing")
    .action((flags: NetworkFlags & { all?: true }, command: Command) =>
      interruptible(async (signal) => {
        const [{ lookAtNetwork }, { networkProviders, providersText }] = await Promise.all([import("../network/session.ts"), import("../network/providers.ts")]);
        const providers = await lookAtNetwork(flags, signal, (view) => networkProviders(view, flags.all === true));
        commandOutput(command).answer({ providers }, providersText(providers));
      }),
    );
}
