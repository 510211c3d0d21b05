import { network } from "hardhat";

/** One simulated chain for every test file of the core contracts. */
export const { ethers, networkHelpers } = await network.create("test");

export const DAY = 86_400n;
export const EPOCH = 600n;
export const SLOT = ethers.parseEther("100");
export const PROFILE = "0xa0";
export const Fault = { None: 0, Declined: 1, Missed: 2, Silent: 3, Wrong: 4 } as const;
export const Metric = { None: 0, Exact: 1, Bound: 2, Proof: 3 } as const;

/** A set that passes every check; tests spread over it. */
export const VALID_SET = {
  unbonding: 14n * DAY,
  minCommitWindow: 600n,
  minRevealWindow: 600n,
  minChallengeWindow: 1_800n,
  minLargeChallengeWindow: DAY,
  maxWindow: DAY,
  resolveWindow: 3_600n,
  appealWindow: 3n * DAY,
  decisionWindow: 14n * DAY,
  maxDuration: 7n * DAY,
  minReplicas: 1n,
  panelSize: 7n,
  panelQuorum: 5n,
  maxReplacements: 2n,
  lockMultiple: 16n,
  fullLockMargin: 8n,
  drawFeeBps: 500n,
  protocolFeeBps: 500n,
  minAggregatorFeeBps: 50n,
  maxAggregatorFeeBps: 200n,
  missPenaltyBps: 5_000n,
  bountyBps: 5_000n,
  aggregatorBondBps: 1_000n,
  appealBondBps: 1_000n,
};

export const POOL_TERMS = {
  runtime: ethers.id("runtime"),
  metric: Metric.Exact as number,
  slotStake: SLOT,
  priceFloor: 7n,
  secondsPerUnit: 11n,
  verifier: ethers.ZeroAddress as string,
  extension: ethers.ZeroHash as string,
};

/** An address that signs without a key: how tests speak as Jobs, Slashing, Pools and the Timelock. */
export async function impersonate(label: string) {
  const address = ethers.getAddress(ethers.dataSlice(ethers.id(label), 12));
  return signerAt(address);
}

export async function signerAt(address: string) {
  await networkHelpers.impersonateAccount(address);
  await networkHelpers.setBalance(address, ethers.parseEther("1000"));
  return ethers.getSigner(address);
}

/** Token, Parameters, Staking, Pools wired as on a chain; Jobs and Slashing are impersonated addresses. */
export async function deployCore() {
  const [deployer, alice, bob, carol, dave] = await ethers.getSigners();
  const [timelock, guardian, jobs, slashing] = await Promise.all(
    ["timelock", "guardian", "jobs", "slashing"].map(impersonate),
  );
  const infer = await ethers.deployContract("InfernetToken", [deployer]);
  const parameters = await ethers.deployContract("Parameters", [timelock, guardian, VALID_SET]);
  const nonce = await deployer!.getNonce();
  const predicted = ethers.getCreateAddress({ from: deployer!.address, nonce: nonce + 1 });
  const staking = await ethers.deployContract("Staking", [infer, parameters, predicted, jobs, slashing]);
  const pools = await ethers.deployContract("Pools", [parameters, staking, jobs, slashing, EPOCH]);
  await infer.approve(staking, ethers.MaxUint256);
  return {
    deployer: deployer!, alice: alice!, bob: bob!, carol: carol!, dave: dave!,
    timelock: timelock!, guardian: guardian!, jobs: jobs!, slashing: slashing!,
    infer, parameters, staking, pools,
  };
}

type Core = Awaited<ReturnType<typeof deployCore>>;

/** Registers `owner` with its own address as operator and payout, and `slots` slots of free stake. */
export async function addNode(core: Core, owner: Core["alice"], slots: bigint): Promise<bigint> {
  await core.staking.connect(owner).register(owner, owner, PROFILE, ethers.ZeroHash);
  const node = await core.staking.nodeOf(owner);
  if (slots !== 0n) await core.staking.deposit(node, slots * SLOT);
  return node;
}

/** Mines a block at the first second of the next epoch. */
export async function nextEpoch(): Promise<void> {
  const now = BigInt(await networkHelpers.time.latest());
  await networkHelpers.time.increaseTo((now / EPOCH + 1n) * EPOCH);
}
