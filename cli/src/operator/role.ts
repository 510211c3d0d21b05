import { homedir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import type { Hex32 } from "@infernet/sdk/core";
import type { KeySettings, Logger } from "@infernet/sdk/node";

/** Settings that both kinds of nodes have, as far as the owner's commands need them. */
export interface NodeSettings extends KeySettings {
  readonly rpcUrl: readonly string[];
  readonly deployment: string;
  readonly dataDir: string;
  readonly listen: readonly string[];
  readonly metricsPort: number;
  readonly minFreeMegabytes: number;
  readonly logLevel: "info";
  readonly logFile?: string | undefined;
  /** Of a provider. */
  readonly pool?: Hex32;
  readonly modelsDir?: string;
  readonly requireNetworkFence?: boolean;
  readonly executors?: readonly string[];
  readonly containerRuntime?: string | undefined;
  readonly containerGpus?: readonly string[];
  readonly openaiUrl?: string | undefined;
  readonly openaiModels?: readonly string[];
  readonly openaiKeyFile?: string | undefined;
}

/** A node that runs in this process. */
export interface RunningNode {
  readonly ready: Promise<{ readonly peerId: string; readonly multiaddrs: readonly string[]; readonly node: number | null }>;
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** What a node package offers. */
export interface NodePackage {
  start(config: object, options: { log: Logger; signal: AbortSignal }): Promise<RunningNode>;
  /** Bytes of the profile that its owner publishes. */
  describe(config: object): Promise<Uint8Array>;
}

/** A kind of node, as the command line sees it. */
export interface NodeRole {
  readonly name: "provider" | "aggregator";
  /** What each setting means. Every setting of the schema, held by a test. */
  readonly hints: Readonly<Record<string, string>>;
  readonly ports: { readonly p2p: number; readonly metrics: number };
  readonly example: string;
  schema(): Promise<z.ZodObject>;
  /** Loads the package only when it is needed: it brings half of the network stack along. */
  load(): Promise<NodePackage>;
}

/** Where a node of this kind lives unless told otherwise. */
export function defaultDirectory(role: Pick<NodeRole, "name">): string {
  return join(homedir(), ".infernet", role.name);
}

/** Its settings, as `init` writes them. */
export function defaultConfig(role: Pick<NodeRole, "name">): string {
  return join(defaultDirectory(role), CONFIG_NAME);
}

export const CONFIG_NAME = "config.jsonc";
