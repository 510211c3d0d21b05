import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InfernetError } from "@infernet/sdk/core";
import type { NodeInfo } from "@infernet/sdk/chain";
import type { EvmPort } from "@infernet/sdk/chain/evm";
import { inspectKeystore, loadConfig, loadDevelopmentKey, readJsonFile } from "@infernet/sdk/node";
import { defaultConfig, type NodeRole, type NodeSettings } from "./role.ts";

/** A node's settings, and what belongs to them. */
export interface NodeHome {
  readonly role: NodeRole;
  readonly settings: NodeSettings;
  readonly configFile: string;
}

/** Reads a node's settings: those of `init` unless others are named. @throws {InfernetError} `config_invalid` */
export async function openHome(role: NodeRole, config: string | undefined): Promise<NodeHome> {
  const configFile = config ?? defaultConfig(role);
  if (config === undefined && !existsSync(configFile))
    throw new InfernetError("config_invalid", `there is no ${configFile}`, { hint: `Make it with: infernet ${role.name} init; or name another with --config.` });
  return { role, settings: loadConfig(await role.schema(), { env: process.env, file: configFile }) as unknown as NodeSettings, configFile };
}

/** Where the owner's commands keep what they have sent. */
export function ownerDirectory({ dataDir }: NodeSettings): string {
  return join(dataDir, "owner");
}

/** The chain, for reading. @throws {InfernetError} `chain_unreachable`, `chain_mismatch`, `unknown_deployment` */
export async function openReader({ rpcUrl, deployment }: NodeSettings): Promise<EvmPort> {
  const { createEvmPort } = await import("@infernet/sdk/chain/evm");
  return createEvmPort({ rpc: rpcUrl, deployment: readJsonFile("deployment", deployment) });
}

/** Address of the operator key, without its password. @throws {InfernetError} `keystore_invalid`, `config_invalid` */
export function operatorAddress({ keystore, keyFile, deployment }: NodeSettings): string {
  if (keystore !== undefined) return inspectKeystore(keystore).address;
  if (keyFile === undefined) throw new InfernetError("config_invalid", "no operator key is set: keystore, or keyFile on a development chain");
  const { chainId } = JSON.parse(readFileSync(deployment, "utf8")) as { chainId: number };
  return loadDevelopmentKey(keyFile, BigInt(chainId)).address;
}

/** The node of an owner. @throws {InfernetError} `node_not_found` */
export async function requireNode(port: Pick<EvmPort, "nodeOfOwner">, owner: string, role: Pick<NodeRole, "name">): Promise<NodeInfo> {
  const node = await port.nodeOfOwner(owner);
  if (node === null) throw new InfernetError("node_not_found", `${owner} owns no node`, { hint: `Register one with: infernet ${role.name} register` });
  return node;
}
