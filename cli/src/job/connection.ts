import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Option, type Command } from "commander";
import { z } from "zod";
import { InfernetError } from "@infernet/sdk/core";
import type { InfernetClient } from "@infernet/sdk/client";
import type { EvmPort } from "@infernet/sdk/chain/evm";
import { DEFAULT_DEVNET, readDeployment, readDevnet, type DevnetDeployment } from "../devnet/directory.ts";
import { ROOT } from "../process/root.ts";

/** How a command reaches the network. Whatever is not named is taken from the running devnet. */
export interface ConnectionFlags {
  readonly devnet: string;
  readonly rpc?: string;
  readonly deployment?: string;
}

/** How a client reaches it. */
export interface ClientFlags extends ConnectionFlags {
  readonly keyFile?: string;
  readonly dataDir: string;
  /** Peers that know the others; needed where the chain has only the ids of nodes. */
  readonly bootstrap?: readonly string[];
}

export const DEFAULT_CLIENT_DIR = join(ROOT, ".infernet/client");

/** Adds the flags of {@link ConnectionFlags}. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(new Option("--devnet <directory>", "development network to use").default(DEFAULT_DEVNET, ".infernet/devnet"))
    .addOption(new Option("--rpc <url>", "JSON-RPC endpoints, with commas between them; default: the devnet's").env("INFERNET_RPC_URL"))
    .addOption(new Option("--deployment <file>", "JSON file with the contracts' addresses; default: the devnet's").env("INFERNET_DEPLOYMENT"));
}

/** Peers to begin with; may be given several times, or as a JSON list or one address in the environment. */
export function bootstrapOption(): Option {
  const add = (text: string, before: string[] | undefined): string[] => [...(before ?? []), ...(text.startsWith("[") ? z.array(z.string()).parse(JSON.parse(text)) : [text])];
  return new Option("--bootstrap <multiaddr>", "peer that knows others; default: those whose addresses the chain has").env("INFERNET_BOOTSTRAP").argParser(add);
}

/** Adds the flags of {@link ClientFlags}. */
export function addClientOptions(command: Command): Command {
  return addConnectionOptions(command)
    .addOption(new Option("--key-file <file>", "client's key in hex (development chains); default: the devnet's client").env("INFERNET_KEY_FILE"))
    .addOption(new Option("--data-dir <directory>", "journal and content of the client").default(DEFAULT_CLIENT_DIR, ".infernet/client"))
    .addOption(bootstrapOption());
}

/** Where the network is. @throws {InfernetError} `config_invalid` */
export function resolveNetwork({ devnet, rpc, deployment }: ConnectionFlags): { rpc: readonly string[]; deploymentFile: string; deployment: DevnetDeployment } {
  const info = rpc === undefined || deployment === undefined ? readDevnet(devnet) : undefined;
  const file = deployment ?? info!.deployment;
  try {
    return { rpc: (rpc ?? info!.rpcUrl).split(","), deploymentFile: file, deployment: readDeployment(file) };
  } catch (cause) {
    if (cause instanceof InfernetError) throw cause;
    throw new InfernetError("config_invalid", `cannot read the deployment ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** A client at work, and everything that has to be closed with it. */
export interface Connection {
  readonly client: InfernetClient;
  readonly port: EvmPort;
  readonly deployment: DevnetDeployment;
  readonly journal: { value(name: string): unknown; setValue(name: string, value: number): void };
  close(): Promise<void>;
}

/**
 * Opens the client's data directory, content store and chain.
 * @param logFile - what the client does goes there; nothing is shown
 * @throws {InfernetError} `config_invalid`, `data_dir_locked`, `keystore_invalid`, `chain_unreachable` and the like
 */
export async function connect(flags: ClientFlags): Promise<Connection> {
  const network = resolveNetwork(flags);
  // The network stack takes half a second to load: only commands that need it pay for that.
  const [{ createClient }, { createEvmPort }, { createHeliaStore }, { createLogger, Journal, loadDevelopmentKey, lockDirectory }] = await Promise.all([
    import("@infernet/sdk/client"), import("@infernet/sdk/chain/evm"), import("@infernet/sdk/storage/helia"), import("@infernet/sdk/node"),
  ]);
  const signer = loadDevelopmentKey(flags.keyFile ?? join(readDevnet(flags.devnet).keys, "client.key"), BigInt(network.deployment.chainId));
  const closing = new AsyncDisposableStack();
  try {
    closing.use(lockDirectory(flags.dataDir));
    const journal = closing.use(new Journal(join(flags.dataDir, "journal.sqlite")));
    const log = createLogger({ name: "client", file: join(flags.dataDir, "client.log"), level: "debug" });
    const deployment: unknown = JSON.parse(readFileSync(network.deploymentFile, "utf8"));
    const port = closing.adopt(await createEvmPort({ rpc: network.rpc, deployment, signer, journal, log }), (it) => it.close());
    const store = closing.adopt(await createHeliaStore({ directory: join(flags.dataDir, "content"), discovery: { bootstrap: flags.bootstrap ?? [], relay: "off" } }), (it) => it.stop());
    const client = closing.adopt(createClient({ port, store, journal, log }), (it) => it.close());
    return { client, port, deployment: network.deployment, journal, close: () => closing.disposeAsync() };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}
