import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Contract, JsonRpcProvider, type InterfaceAbi } from "ethers";
import { erc20PermitAbi, jobsAbi, poolsAbi, slashingAbi, stakingAbi } from "../../sdk/src/generated/index.ts";

/** The contracts of a development network, read without the SDK's chain adapter. */
export interface DevnetContracts {
  readonly provider: JsonRpcProvider;
  readonly jobs: Contract;
  readonly staking: Contract;
  readonly slashing: Contract;
  readonly pools: Contract;
  readonly usdc: Contract;
  readonly infer: Contract;
  /** Receives the protocol's fees. */
  readonly treasury: string;
  readonly origin: number;
}

export function openDevnet(rpcUrl: string, deploymentFile: string): DevnetContracts {
  const deployment = JSON.parse(readFileSync(deploymentFile, "utf8")) as Record<string, string> & { block: number };
  const provider = new JsonRpcProvider(rpcUrl, undefined, { batchMaxCount: 1, staticNetwork: true, cacheTimeout: -1 });
  const at = (name: string, abi: unknown) => new Contract(deployment[name]!, abi as InterfaceAbi, provider);
  return {
    provider,
    jobs: at("jobs", jobsAbi),
    staking: at("staking", stakingAbi),
    slashing: at("slashing", slashingAbi),
    pools: at("pools", poolsAbi),
    usdc: at("usdc", erc20PermitAbi),
    infer: at("token", erc20PermitAbi),
    treasury: deployment.timelock!,
    origin: deployment.block,
  };
}

const PAUSE_MS = 50;
const PATIENCE_MS = 30_000;

/**
 * The newest block, once another stands on top of it. anvil answers for its newest block out of the state in which it
 * already builds the next one: sums over several answers would mix the two.
 * @throws when the chain builds no block for half a minute
 */
export async function settledBlock(provider: JsonRpcProvider): Promise<number> {
  const block = await provider.getBlockNumber();
  for (const deadline = performance.now() + PATIENCE_MS; (await provider.getBlockNumber()) <= block; await setTimeout(PAUSE_MS))
    if (performance.now() > deadline) throw new Error(`the chain stands still at block ${block}: an audit needs one that builds blocks`);
  return block;
}
