// Deploys the contracts to a bare development chain that mines every transaction at once, for tests of off-chain code.
// Usage: node scripts/testing/deploy-local.ts <rpc url>    prints the deployment as JSON
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { AbiCoder, getCreateAddress, Interface, keccak256, parseEther, toUtf8Bytes, Transaction, Wallet, ZeroAddress, ZeroHash } from "ethers";

const root = join(import.meta.dirname, "../..");
/** Anvil's first account; it is the timelock too. */
const deployer = new Wallet("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

interface Artifact {
  readonly abi: ConstructorParameters<typeof Interface>[0];
  readonly bytecode: string;
  readonly linkReferences: Readonly<Record<string, Readonly<Record<string, readonly { start: number; length: number }[]>>>>;
}

const SETTINGS = {
  unbonding: 100_000, minCommitWindow: 5, minRevealWindow: 5, minChallengeWindow: 2, minLargeChallengeWindow: 2, maxWindow: 3_600, resolveWindow: 30, appealWindow: 3,
  decisionWindow: 3_600, maxDuration: 86_400, minReplicas: 1, panelSize: 3, panelQuorum: 2, maxReplacements: 2, lockMultiple: 16, fullLockMargin: 2,
  drawFeeBps: 500, protocolFeeBps: 500, minAggregatorFeeBps: 50, maxAggregatorFeeBps: 200, missPenaltyBps: 5_000, bountyBps: 5_000, aggregatorBondBps: 1_000, appealBondBps: 1_000,
};
const EPOCH_SECONDS = 10;
const POOL = { runtime: keccak256(toUtf8Bytes("runtime")), metric: 1, slotStake: parseEther("1"), priceFloor: 0n, secondsPerUnit: 30_000, verifier: ZeroAddress, extension: ZeroHash };
/** One test dollar (6 decimals) answers with 20 INFER: wei of INFER a base unit, × 1e18. */
const TOKEN = { allowed: true, stakeRate: (20n * 10n ** 36n) / 1_000_000n, largeJob: 100_000_000n };

const read = (path: string) => JSON.parse(readFileSync(join(root, "artifacts/contracts", path), "utf8")) as Artifact;

async function rpc(url: string, method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

/** Deploys everything and returns what stands in deployments/<chainId>.json, with a token and a pool to use. */
async function deployLocal(url: string): Promise<Record<string, unknown>> {
  const chainId = Number(await rpc(url, "eth_chainId", []));
  const block = Number(await rpc(url, "eth_blockNumber", [])) + 1;
  let nonce = Number(await rpc(url, "eth_getTransactionCount", [deployer.address, "latest"]));
  const next = (ahead: number) => getCreateAddress({ from: deployer.address, nonce: nonce + ahead });

  const send = async (to: string | null, data: string) => {
    const transaction = Transaction.from({ type: 2, chainId, nonce: nonce++, to, data, gasLimit: 15_000_000, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1 });
    transaction.signature = deployer.signingKey.sign(transaction.unsignedHash);
    const hash = await rpc(url, "eth_sendRawTransaction", [transaction.serialized]);
    for (let tries = 0; tries < 500; tries++) {
      const receipt = (await rpc(url, "eth_getTransactionReceipt", [hash])) as { status: string } | null;
      if (receipt?.status === "0x1") return;
      if (receipt !== null) throw new Error(`transaction ${nonce - 1} of the deployer was reverted`);
      await setTimeout(10);
    }
    throw new Error(`transaction ${nonce - 1} of the deployer is not mined`);
  };
  const libraries: Record<string, string> = {};
  const deploy = async (path: string, ...args: unknown[]): Promise<string> => {
    const { abi, bytecode, linkReferences } = read(path);
    let code = bytecode;
    for (const [name, places] of Object.values(linkReferences).flatMap((file) => Object.entries(file)))
      for (const { start, length } of places) {
        const at = 2 + 2 * start;
        code = code.slice(0, at) + libraries[name]!.slice(2).toLowerCase() + code.slice(at + 2 * length);
      }
    const address = next(0);
    // The ABI of a linked library names types that are none; it takes no arguments either.
    await send(null, code + (args.length === 0 ? "" : new Interface(abi).encodeDeploy(args).slice(2)));
    return address;
  };
  const call = (path: string, to: string, name: string, ...args: unknown[]) => send(to, new Interface(read(path).abi).encodeFunctionData(name, args));

  const token = await deploy("InfernetToken.sol/InfernetToken.json", deployer.address);
  const usdc = await deploy("mocks/TestUSDC.sol/TestUSDC.json");
  const parameters = await deploy("Parameters.sol/Parameters.json", deployer.address, deployer.address, SETTINGS);
  const randomness = await deploy("randomness/BlockhashRandomness.sol/BlockhashRandomness.json", 1);
  for (const name of ["Admission", "Resolution", "Faults"]) libraries[name] = await deploy(`jobs/${name}.sol/${name}.json`);
  const [staking, pools, jobs, slashing] = [next(0), next(1), next(2), next(3)];
  await deploy("Staking.sol/Staking.json", token, parameters, pools, jobs, slashing);
  await deploy("Pools.sol/Pools.json", parameters, staking, jobs, slashing, EPOCH_SECONDS);
  await deploy("Jobs.sol/Jobs.json", parameters, staking, pools, randomness, slashing);
  await deploy("Slashing.sol/Slashing.json", parameters, staking, pools, jobs);

  await call("Parameters.sol/Parameters.json", parameters, "setToken", usdc, TOKEN);
  await call("Pools.sol/Pools.json", pools, "createPool", POOL);
  const terms = Object.values(POOL);
  const pool = keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "address", "tuple(bytes32,uint8,uint128,uint128,uint32,address,bytes32)"], [chainId, pools, terms]));
  await call("Pools.sol/Pools.json", pools, "listPool", pool, true);
  return { chainId, block, token, parameters, staking, pools, randomness, jobs, slashing, timelock: deployer.address, usdc, pool, deployerKey: deployer.privateKey };
}

console.log(JSON.stringify(await deployLocal(process.argv[2]!)));
