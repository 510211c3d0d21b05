import { EPOCH, POOL_TERMS, PROFILE, SLOT, VALID_SET, ethers, impersonate, networkHelpers, nextEpoch } from "./core.fixture.ts";

const { ZeroAddress, ZeroHash, MaxUint256 } = ethers;

export const USDC = 1_000_000n;
/** INFER wei per base unit × 1e18: one USDC answers with 20 INFER. */
export const STAKE_RATE = (20n * 10n ** 18n * 10n ** 18n) / USDC;
export const REWARD = USDC; // R
export const PROVIDERS = 12;
export const SETTINGS = {
  ...VALID_SET, minReplicas: 2n, panelSize: 3n, panelQuorum: 2n, fullLockMargin: 2n,
};

/** Everything deployed and wired; twelve providers in a listed pool, an aggregator and a client with money. */
export async function deployNetwork() {
  const signers = await ethers.getSigners();
  const [deployer, client, aggregator, keeper] = signers as [typeof signers[0], typeof signers[0], typeof signers[0], typeof signers[0]];
  const [timelock, guardian] = await Promise.all(["timelock", "guardian"].map(impersonate));
  const infer = await ethers.deployContract("InfernetToken", [deployer]);
  const usdc = await ethers.deployContract("TestUSDC");
  const parameters = await ethers.deployContract("Parameters", [timelock, guardian, SETTINGS]);
  const randomness = await ethers.deployContract("BlockhashRandomness", [1]);
  const resolution = await ethers.deployContract("Resolution");
  const admission = await ethers.deployContract("Admission");
  const faults = await ethers.deployContract("Faults");
  const nonce = await deployer.getNonce();
  const predict = (i: number) => ethers.getCreateAddress({ from: deployer.address, nonce: nonce + i });
  const staking = await ethers.deployContract("Staking", [infer, parameters, predict(1), predict(2), predict(3)]);
  const pools = await ethers.deployContract("Pools", [parameters, staking, predict(2), predict(3), EPOCH]);
  const jobs = await ethers.deployContract("Jobs", [parameters, staking, pools, randomness, predict(3)], {
    libraries: {
      "project/contracts/jobs/Resolution.sol:Resolution": await resolution.getAddress(),
      "project/contracts/jobs/Admission.sol:Admission": await admission.getAddress(),
      "project/contracts/jobs/Faults.sol:Faults": await faults.getAddress(),
    },
  });
  const slashing = await ethers.deployContract("Slashing", [parameters, staking, pools, jobs]);

  await parameters.connect(timelock!).setToken(usdc, { allowed: true, stakeRate: STAKE_RATE, largeJob: 100n * USDC });
  await pools.createPool(POOL_TERMS);
  const pool = await pools.poolId(POOL_TERMS);
  await pools.connect(timelock!).listPool(pool, true);
  await infer.approve(staking, MaxUint256);
  const providers = signers.slice(4, 4 + PROVIDERS);
  for (const p of [...providers, aggregator]) {
    await staking.connect(p).register(p, p, PROFILE, ZeroHash);
    await staking.deposit(await staking.nodeOf(p), 1_000n * SLOT);
  }
  for (const p of providers) await pools.connect(p).joinPool(pool, 500);
  await usdc.mint(client, 1_000_000n * USDC);
  await usdc.connect(client).approve(jobs, MaxUint256);
  await jobs.connect(client).deposit(usdc, client, 100_000n * USDC);
  await nextEpoch();
  return {
    deployer, client, aggregator, keeper, providers, timelock: timelock!, guardian: guardian!,
    infer, usdc, parameters, randomness, staking, pools, jobs, slashing, pool,
  };
}

export type Network = Awaited<ReturnType<typeof deployNetwork>>;

/** Terms that open as they stand; tests change what they are about. */
export async function termsOf(net: Network, over: Record<string, unknown> = {}) {
  const now = await networkHelpers.time.latest();
  return {
    client: net.client.address, nonce: 1n, parameters: 1n, manifest: ethers.id("manifest"), pool: net.pool,
    token: await net.usdc.getAddress(), shardReward: REWARD, items: 40n, itemsPerShard: 10n, unitsPerShard: 10n,
    replicas: 2n, committeeWidth: 8n, aggregator: 0n, aggregatorFeeBps: 0n, commitWindow: 700n, revealWindow: 600n,
    challengeWindow: 1_800n, deadline: BigInt(now) + DURATION, verifier: ZeroAddress, verification: ZeroHash, flags: 0n,
    ...over,
  };
}
const DURATION = 86_400n;
export type TermsInput = Awaited<ReturnType<typeof termsOf>>;
export const NO_QUOTE = { validUntil: 0n, signature: "0x" };
export const EXTRA = 1 << 15;
