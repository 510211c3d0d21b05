import { expect } from "chai";
import { DAY, EPOCH, POOL_TERMS, VALID_SET, ethers, impersonate, networkHelpers } from "./core.fixture.ts";

const DELAY = DAY;
const PERIOD = 5n * DAY;
const TIMELOCK_DELAY = 2n * DAY;
const State = { Pending: 0, Active: 1, Canceled: 2, Defeated: 3, Succeeded: 4, Queued: 5, Expired: 6, Executed: 7 } as const;

/** The governed core: Parameters and Pools belong to a real Timelock. */
async function fixture() {
  const [deployer, voter, small, stranger] = await ethers.getSigners();
  const infer = await ethers.deployContract("InfernetToken", [deployer]);
  const nonce = await deployer!.getNonce();
  const governorAddress = ethers.getCreateAddress({ from: deployer!.address, nonce: nonce + 1 });
  const timelock = await ethers.deployContract("InfernetTimelock", [TIMELOCK_DELAY, governorAddress]);
  const threshold = ethers.parseEther("100000");
  const governor = await ethers.deployContract("InfernetGovernor", [infer, timelock, DELAY, PERIOD, threshold, 4]);
  const parameters = await ethers.deployContract("Parameters", [timelock, deployer, VALID_SET]);
  const [staking, jobs, slashing] = await Promise.all(["staking", "jobs", "slashing"].map(impersonate));
  const pools = await ethers.deployContract("Pools", [parameters, staking, jobs, slashing, EPOCH]);
  await infer.transfer(voter!, ethers.parseEther("50000000"));
  await infer.transfer(small!, ethers.parseEther("99999"));
  await infer.connect(voter!).delegate(voter!);
  await infer.connect(small!).delegate(small!);
  await networkHelpers.mine();
  return { deployer: deployer!, voter: voter!, small: small!, stranger: stranger!, infer, timelock, governor, parameters, pools };
}

const load = () => networkHelpers.loadFixture(fixture);
type Fixture = Awaited<ReturnType<typeof fixture>>;

async function propose(f: Fixture, target: string, data: string) {
  const call = [[target], [0n], [data]] as [string[], bigint[], string[]];
  await f.governor.connect(f.voter).propose(...call, "why");
  const id = await f.governor.getProposalId(...call, ethers.id("why"));
  return { id, call, done: [...call, ethers.id("why")] as [string[], bigint[], string[], string] };
}

async function pass(f: Fixture, target: string, data: string) {
  const p = await propose(f, target, data);
  await networkHelpers.time.increase(DELAY + 1n);
  await f.governor.connect(f.voter).castVote(p.id, 1);
  await networkHelpers.time.increase(PERIOD + 1n);
  await f.governor.queue(...p.done);
  return p;
}

describe("Governance", () => {
  it("leaves the deployer nothing and executes for everybody", async () => {
    const { deployer, timelock, governor } = await load();
    const roles = await Promise.all([timelock.DEFAULT_ADMIN_ROLE(), timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE(), timelock.EXECUTOR_ROLE()]);
    for (const role of roles) expect(await timelock.hasRole(role, deployer)).to.equal(false);
    expect(await timelock.hasRole(roles[0]!, timelock)).to.equal(true);
    expect(await timelock.hasRole(roles[1]!, governor)).to.equal(true);
    expect(await timelock.hasRole(roles[2]!, governor)).to.equal(true);
    expect(await timelock.hasRole(roles[3]!, ethers.ZeroAddress)).to.equal(true);
    expect(await timelock.getMinDelay()).to.equal(TIMELOCK_DELAY);
  });

  it("has its settings, in seconds", async () => {
    const { governor, timelock, infer } = await load();
    expect(await governor.CLOCK_MODE()).to.equal("mode=timestamp");
    expect(await governor.votingDelay()).to.equal(DELAY);
    expect(await governor.votingPeriod()).to.equal(PERIOD);
    expect(await governor.proposalThreshold()).to.equal(ethers.parseEther("100000"));
    expect(await governor["quorumNumerator()"]()).to.equal(4);
    expect(await governor.timelock()).to.equal(await timelock.getAddress());
    expect(await governor.token()).to.equal(await infer.getAddress());
  });

  it("publishes a parameter set and lists a pool after vote and delay, not before", async () => {
    const f = await load();
    const set = { ...VALID_SET, lockMultiple: 32n };
    const data = f.parameters.interface.encodeFunctionData("publish", [set]);
    const p = await pass(f, await f.parameters.getAddress(), data);
    expect(await f.governor.state(p.id)).to.equal(State.Queued);
    expect(await f.governor.proposalNeedsQueuing(p.id)).to.equal(true);
    await expect(f.governor.execute(...p.done)).to.be.revertedWithCustomError(f.timelock, "TimelockUnexpectedOperationState");
    await networkHelpers.time.increase(TIMELOCK_DELAY);
    await f.governor.connect(f.stranger).execute(...p.done);
    expect((await f.parameters.at(2)).lockMultiple).to.equal(32);

    await f.pools.createPool(POOL_TERMS);
    const pool = await f.pools.poolId(POOL_TERMS);
    const listing = await pass(f, await f.pools.getAddress(), f.pools.interface.encodeFunctionData("listPool", [pool, true]));
    await networkHelpers.time.increase(TIMELOCK_DELAY);
    await f.governor.execute(...listing.done);
    expect((await f.pools.forOpen(pool)).listed).to.equal(true);
  });

  it("decides faster than an appeal's decision window", () => {
    expect(DELAY + PERIOD + TIMELOCK_DELAY < VALID_SET.decisionWindow).to.equal(true);
  });

  it("refuses proposals under the threshold and decisions without quorum", async () => {
    const f = await load();
    const data = f.parameters.interface.encodeFunctionData("setGuardian", [f.small.address]);
    const target = await f.parameters.getAddress();
    await expect(f.governor.connect(f.small).propose([target], [0n], [data], "mine"))
      .to.be.revertedWithCustomError(f.governor, "GovernorInsufficientProposerVotes");
    const p = await propose(f, target, data);
    await networkHelpers.time.increase(DELAY + 1n);
    await f.governor.connect(f.small).castVote(p.id, 1);
    await networkHelpers.time.increase(PERIOD + 1n);
    expect(await f.governor.state(p.id)).to.equal(State.Defeated);
    await expect(f.governor.queue(...p.done)).to.be.revertedWithCustomError(f.governor, "GovernorUnexpectedProposalState");
  });

  it("votes bought after the snapshot do not count", async () => {
    const f = await load();
    const p = await propose(f, await f.parameters.getAddress(), f.parameters.interface.encodeFunctionData("resumeOpen"));
    await networkHelpers.time.increase(DELAY + 1n);
    await f.infer.transfer(f.stranger, ethers.parseEther("500000000"));
    await f.infer.connect(f.stranger).delegate(f.stranger);
    await f.governor.connect(f.stranger).castVote(p.id, 0);
    expect((await f.governor.proposalVotes(p.id)).againstVotes).to.equal(0);
  });

  it("lets a proposer withdraw before the vote", async () => {
    const f = await load();
    const p = await propose(f, await f.parameters.getAddress(), f.parameters.interface.encodeFunctionData("pauseOpen"));
    await expect(f.governor.connect(f.stranger).cancel(...p.done)).to.be.revertedWithCustomError(f.governor, "GovernorUnableToCancel");
    await f.governor.connect(f.voter).cancel(...p.done);
    expect(await f.governor.state(p.id)).to.equal(State.Canceled);
  });

  it("the Timelock refuses everybody but the governor", async () => {
    const f = await load();
    await expect(f.timelock.schedule(f.parameters, 0, "0x", ethers.ZeroHash, ethers.ZeroHash, TIMELOCK_DELAY))
      .to.be.revertedWithCustomError(f.timelock, "AccessControlUnauthorizedAccount");
    await expect(f.timelock.grantRole(ethers.ZeroHash, f.deployer)).to.be.revertedWithCustomError(f.timelock, "AccessControlUnauthorizedAccount");
    await expect(f.timelock.updateDelay(0)).to.be.revertedWithCustomError(f.timelock, "TimelockUnauthorizedCaller");
  });
});
