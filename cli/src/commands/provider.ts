import type { Command } from "commander";
import type { NodePackage, NodeRole } from "../operator/role.ts";
import { addBenchCommand } from "./bench.ts";
import { addStartCommand } from "./node.ts";
import { addOperatorCommands } from "./operator.ts";

/** What each setting of a provider means. */
export const PROVIDER_SETTINGS = {
  rpcUrl: "JSON-RPC endpoints of the chain, with commas between them",
  deployment: "JSON file with the contracts' addresses",
  keyFile: "operator key in hex (development chains)",
  keystore: "operator key as a V3 keystore",
  passwordFile: "file with the keystore's password",
  dataDir: "journal, content and lock of this node",
  pool: "id of the pool to serve",
  modelsDir: "directory with the installed model files",
  vettedModules: "digests of modules that may run whole shards",
  unvetted: "whether other modules run, item by item",
  listen: "multiaddrs to listen on",
  announce: "multiaddrs to publish instead",
  bootstrap: "multiaddrs of peers to begin with; one is enough to find the others",
  relay: "auto | server | off: carry connections for nodes behind NAT",
  kuboRpcUrl: "RPC of a Kubo daemon that keeps the content; default: the node itself does",
  ownerKeyFile: "owner key (development chains): register, stake and join by itself",
  stake: "wei of INFER to stake, with the owner key",
  capacity: "slots in the pool, with the owner key",
  executors: "kinds of programs to run: wasm, container, openai",
  containerRuntime: "podman | docker | path of either; default: the first that enforces every limit",
  containerCpus: "CPUs of one container",
  containerGpus: "GPUs that containers may be given, for instance nvidia.com/gpu=0",
  maxProcesses: "most processes and threads of one container",
  maxScratchBytes: "most bytes of a container's /tmp",
  maxImageBytes: "largest image archive",
  imageCacheBytes: "most bytes of all images together",
  openaiUrl: "base URL of an OpenAI-compatible server that you run, for instance http://127.0.0.1:8000/v1",
  openaiModels: "models of that server to offer, as it lists them",
  openaiKeyFile: "file with that server's API key, readable for you alone",
  openaiConcurrency: "requests to that server at a time",
  concurrency: "processes that execute modules, and containers, at a time",
  seats: "seats at work at a time",
  maxMemoryPages: "most memory of a module, in pages of 64 KiB",
  maxShardSeconds: "largest time limit of a shard",
  maxModuleBytes: "largest module",
  maxShardBytes: "largest shard input",
  minUnitReward: "least that a compute unit must earn, in base units",
  requireNetworkFence: "refuse to run where modules cannot be cut off the network",
  fetchTimeoutSeconds: "most time of one fetch",
  blockSeconds: "time between blocks",
  syncHours: "how often the node's weight in draws is brought up to its score",
  retentionHours: "how long results are served",
  sendMarginSeconds: "a transaction later than this before its window ends is not sent",
  declineMarginSeconds: "unfinished work is declined so long before that",
  logLevel: "trace | debug | info | warn | error",
  logFile: "append the log there",
  metricsPort: "port on loopback for /healthz, /readyz and /metrics, 0 = none",
  minFreeMegabytes: "room on the disk below which the node is not ready",
  misbehave: "lie | silent, on development chains",
  misbehaveSeed: "decides which results are lies",
};

export const PROVIDER: NodeRole = {
  name: "provider",
  hints: PROVIDER_SETTINGS,
  ports: { p2p: 4001, metrics: 9464 },
  example: "infernet provider start --config provider.json --capacity 100",
  schema: async () => (await import("@infernet/provider-node/config")).providerConfigSchema,
  load: async () => {
    const { profileOfProvider, startProvider } = await import("@infernet/provider-node");
    return { start: startProvider, describe: profileOfProvider } as unknown as NodePackage;
  },
};

/** `infernet provider …` */
export function addProviderCommands(program: Command): void {
  const provider = program.command("provider").description("sell inference: execute shards and earn");
  addStartCommand(provider, PROVIDER);
  addOperatorCommands(provider, PROVIDER);
  addBenchCommand(provider, PROVIDER);
}
