import type { Command } from "commander";
import type { NodePackage, NodeRole } from "../operator/role.ts";
import { addStartCommand } from "./node.ts";
import { addOperatorCommands } from "./operator.ts";

/** What each setting of an aggregator means. */
export const AGGREGATOR_SETTINGS = {
  rpcUrl: "JSON-RPC endpoints of the chain, with commas between them",
  deployment: "JSON file with the contracts' addresses",
  keyFile: "operator key in hex (development chains)",
  keystore: "operator key as a V3 keystore",
  passwordFile: "file with the keystore's password",
  dataDir: "journal, content and lock of this node",
  listen: "multiaddrs to listen on",
  announce: "multiaddrs to publish instead",
  bootstrap: "multiaddrs of peers to begin with; one is enough to find the others",
  relay: "auto | server | off: carry connections for nodes behind NAT",
  feeBps: "share of a job's price to ask for, in basis points",
  quoteSeconds: "how long a quote holds",
  pools: "pools to take jobs of; default: all",
  tokens: "tokens to take; default: all",
  maxItems: "most items of a job",
  maxModuleBytes: "largest module",
  maxShardBytes: "largest shard input",
  maxInputBytes: "most bytes of all inputs of a job",
  parallelQuotes: "quotes that are worked on at a time",
  fetchTimeoutSeconds: "most time of one fetch",
  keepSeconds: "how long inputs and results are served after a job",
  kuboRpcUrl: "RPC of a Kubo daemon that keeps the content; default: the node itself does",
  ownerKeyFile: "owner key (development chains): register and stake by itself",
  stake: "wei of INFER to stake, with the owner key",
  logLevel: "trace | debug | info | warn | error",
  logFile: "append the log there",
  metricsPort: "port on loopback for /healthz, /readyz and /metrics, 0 = none",
  minFreeMegabytes: "room on the disk below which the node is not ready",
};

export const AGGREGATOR: NodeRole = {
  name: "aggregator",
  hints: AGGREGATOR_SETTINGS,
  ports: { p2p: 4002, metrics: 9465 },
  example: "infernet aggregator start --config aggregator.json --fee-bps 100",
  schema: async () => (await import("@infernet/aggregator-node/config")).aggregatorConfigSchema,
  load: async () => {
    const { profileOfAggregator, startAggregator } = await import("@infernet/aggregator-node");
    return { start: startAggregator, describe: profileOfAggregator } as unknown as NodePackage;
  },
};

/** `infernet aggregator …` */
export function addAggregatorCommands(program: Command): void {
  const aggregator = program.command("aggregator").description("bring jobs to providers: quote, publish, crank, merge, and earn a fee");
  addStartCommand(aggregator, AGGREGATOR);
  addOperatorCommands(aggregator, AGGREGATOR);
}
