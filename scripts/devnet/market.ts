import { AbiCoder, Contract, keccak256, toUtf8Bytes, ZeroAddress, ZeroHash, type ContractTransactionResponse, type InterfaceAbi, type JsonRpcProvider } from "ethers";
import { parametersAbi, poolsAbi } from "../../sdk/src/generated/index.ts";
import type { Deployment } from "../deploy/deploy.ts";

/** INFER wei that one base unit of test USDC (6 decimals) answers with, × 1e18: one USDC answers with 20 INFER. */
const STAKE_RATE = (20n * 10n ** 36n) / 10n ** 6n;
const LARGE_JOB = 100n * 10n ** 6n;
const METRIC_EXACT = 1;

/** Pools of a development network by workload: a compute unit is one item. */
const POOLS = {
  minilm: { runtime: "wasm/minilm", slotStake: 10n ** 17n, priceFloor: 10n ** 15n, secondsPerUnit: 30_000 },
  digits: { runtime: "wasm/digits", slotStake: 10n ** 17n, priceFloor: 10n ** 15n, secondsPerUnit: 1_000 },
} as const;

/**
 * Allows test USDC, opens the pools and lists them. Token and list are the Timelock's to decide: on
 * this chain, which is nobody's, its account is impersonated instead of waiting for a vote.
 * @returns pool id by workload
 */
export async function openMarket(provider: JsonRpcProvider, deployment: Deployment, usdc: string): Promise<Record<string, string>> {
  const { timelock, chainId } = deployment;
  await provider.send("anvil_impersonateAccount", [timelock]);
  await provider.send("anvil_setBalance", [timelock, `0x${(10n ** 20n).toString(16)}`]);
  const signer = await provider.getSigner(timelock);
  const parameters = new Contract(deployment.parameters, parametersAbi as unknown as InterfaceAbi, signer);
  const pools = new Contract(deployment.pools, poolsAbi as unknown as InterfaceAbi, signer);
  const ids: Record<string, string> = {};
  const sent: ContractTransactionResponse[] = [];
  // One after the other: the chain numbers the transactions of an impersonated account as they come.
  sent.push((await parameters.setToken!(usdc, { allowed: true, stakeRate: STAKE_RATE, largeJob: LARGE_JOB }, GAS)) as ContractTransactionResponse);
  for (const [name, { runtime, ...terms }] of Object.entries(POOLS)) {
    const pool = { runtime: keccak256(toUtf8Bytes(runtime)), metric: METRIC_EXACT, ...terms, verifier: ZeroAddress, extension: ZeroHash };
    ids[name] = poolId(chainId, deployment.pools, Object.values(pool));
    sent.push((await pools.createPool!(pool, GAS)) as ContractTransactionResponse);
    sent.push((await pools.listPool!(ids[name], true, GAS)) as ContractTransactionResponse);
  }
  for (const transaction of sent) await transaction.wait();
  await provider.send("anvil_stopImpersonatingAccount", [timelock]);
  return ids;
}

/** Named, because what a transaction costs cannot be estimated before the one in front of it is mined. */
const GAS = { gasLimit: 1_000_000 };

function poolId(chainId: number, pools: string, terms: readonly unknown[]): string {
  const types = ["uint256", "address", "tuple(bytes32,uint8,uint128,uint128,uint32,address,bytes32)"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [chainId, pools, terms]));
}
