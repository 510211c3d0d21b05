import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { InfernetError } from "@infernet/sdk/core";
import { ROOT } from "../process/root.ts";

/** Where a development network lives unless told otherwise. */
export const DEFAULT_DEVNET = join(ROOT, ".infernet/devnet");

/** Files of a development network. */
export interface DevnetPaths {
  readonly directory: string;
  /** Chain state between runs. */
  readonly chainState: string;
  /** Addresses of the contracts, the mock USDC and the pools. */
  readonly deployment: string;
  /** Funded accounts: one private key a file. */
  readonly keys: string;
  /** What runs at the moment: {@link DevnetInfo}. */
  readonly info: string;
  readonly logs: string;
}

export function devnetPaths(directory: string): DevnetPaths {
  const at = (name: string) => join(resolve(directory), name);
  return {
    directory: resolve(directory),
    chainState: at("chain.json"),
    deployment: at("deployment.json"),
    keys: at("keys"),
    info: at("devnet.json"),
    logs: at("logs"),
  };
}

/** A running development network. */
export const devnetInfoSchema = z.strictObject({
  /** The process that holds it together. */
  pid: z.number().int().positive(),
  rpcUrl: z.url(),
  chainId: z.number().int().positive(),
  deployment: z.string(),
  keys: z.string(),
});

export type DevnetInfo = z.infer<typeof devnetInfoSchema>;

/**
 * What a running devnet wrote about itself.
 * @throws {InfernetError} `config_invalid` when there is none
 */
export function readDevnet(directory: string): DevnetInfo {
  const { info } = devnetPaths(directory);
  if (!existsSync(info))
    throw new InfernetError("config_invalid", `no devnet runs in ${resolve(directory)}`, { hint: "Start one with: infernet devnet up" });
  return devnetInfoSchema.parse(JSON.parse(readFileSync(info, "utf8")));
}

/** Pools and tokens of a devnet beside the contracts: what deployment.json holds for people without addresses at hand. */
export const devnetDeploymentSchema = z.looseObject({
  chainId: z.number().int().positive(),
  token: z.string(),
  usdc: z.string(),
  /** Pool id by workload. */
  poolIds: z.record(z.string(), z.string()),
});

export type DevnetDeployment = z.infer<typeof devnetDeploymentSchema>;

export function readDeployment(file: string): DevnetDeployment {
  return devnetDeploymentSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}
