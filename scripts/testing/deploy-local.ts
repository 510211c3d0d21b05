// Deploys the contracts to a bare anvil that mines every transaction at once, for tests of off-chain code, and puts on
// it what governance would allow: a payment token and a pool.
// Usage: node scripts/testing/deploy-local.ts <rpc url>    prints the deployment as JSON
import { join } from "node:path";
import { Contract, id, JsonRpcProvider, parseEther, Wallet, ZeroAddress, ZeroHash, type ContractTransactionResponse } from "ethers";
import { BuildArtifacts } from "../deploy/artifacts.ts";
import { deployInfernet } from "../deploy/deploy.ts";
import { development } from "../deploy/presets.ts";

/** Anvil's first account. */
const deployer = new Wallet("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
const POOL = { runtime: id("runtime"), metric: 1, slotStake: parseEther("1"), priceFloor: 0n, secondsPerUnit: 30_000, verifier: ZeroAddress, extension: ZeroHash };
/** One test dollar (6 decimals) answers with 20 INFER: wei of INFER a base unit, × 1e18. */
const TOKEN = { allowed: true, stakeRate: (20n * 10n ** 36n) / 1_000_000n, largeJob: 100_000_000n };

const artifacts = new BuildArtifacts(join(import.meta.dirname, "../../artifacts"));

async function deployLocal(provider: JsonRpcProvider): Promise<object> {
  const deployment = await deployInfernet({ provider, wallet: deployer, preset: development });
  await provider.send("anvil_impersonateAccount", [deployment.timelock]);
  await provider.send("anvil_setBalance", [deployment.timelock, "0x56bc75e2d63100000"]);
  const timelock = await provider.getSigner(deployment.timelock);
  const usdc = (await (await timelock.sendTransaction({ data: artifacts.read("TestUSDC").bytecode })).wait())!.contractAddress!;
  const parameters = new Contract(deployment.parameters, artifacts.read("Parameters").abi, timelock);
  const pools = new Contract(deployment.pools, artifacts.read("Pools").abi, timelock);
  await call(parameters, "setToken", usdc, TOKEN);
  await call(pools, "createPool", POOL);
  const pool = (await pools.getFunction("poolId")(POOL)) as string;
  await call(pools, "listPool", pool, true);
  await provider.send("anvil_stopImpersonatingAccount", [deployment.timelock]);
  return { ...deployment, usdc, pool, deployerKey: deployer.privateKey };
}

async function call(contract: Contract, name: string, ...args: unknown[]): Promise<void> {
  await ((await contract.getFunction(name)(...args)) as ContractTransactionResponse).wait();
}

const provider = new JsonRpcProvider(process.argv[2], undefined, { batchMaxCount: 1, staticNetwork: true, cacheTimeout: -1, polling: true, pollingInterval: 20 });
try {
  console.log(JSON.stringify(await deployLocal(provider)));
} finally {
  provider.destroy();
}
