import { expect } from "chai";
import { DAY, Fault, POOL_TERMS, SLOT } from "../core.fixture.ts";
import { conflicting, drawn, ethers, expectAllFree, increase, load, nodeOf, stakeOf } from "../job.books.ts";
import { REWARD, SETTINGS, STAKE_RATE, termsOf } from "../network.fixture.ts";
import { ResultJob } from "../result.driver.ts";

/** R in INFER. */
const worth = (reward: bigint) => (reward * STAKE_RATE) / 10n ** 18n;

/** A conflict in a pool that nobody listed: locks are 1 R there. */
async function unlisted(over: Record<string, unknown> = {}) {
  const net = await load();
  await net.pools.connect(net.timelock).listPool(net.pool, false);
  const job = new ResultJob(net, await termsOf(net, { items: 10n, ...over }));
  await job.open();
  await job.draw([0]);
  return { net, job, liar: job.committees.get(0)![1]! };
}

describe("Attack: living on slashes", () => {
  it("whoever proves its own guilt loses by it, also where the lock is 1 R", async () => {
    // R fills its slot: 5 USDC are worth 100 INFER
    const { net, job, liar } = await unlisted({ shardReward: 5n * REWARD });
    job.lie([liar]);
    await job.play(0);
    await job.settle(0);
    await job.verdict(await job.openConflict(0));
    const slash = await net.slashing.slashOf(1);
    expect(slash.amount).to.equal(SLOT);
    expect(slash.proverReward).to.equal(SLOT / 2n);
    await increase(3n * DAY);
    const supply = await net.infer.totalSupply();
    await net.slashing.execute(1);
    expect(supply - (await net.infer.totalSupply())).to.be.greaterThan(0n);
  });

  it("a prover in an unlisted pool gets R and not the lock, which is rounded up to slots", async () => {
    const { net, job, liar } = await unlisted({ shardReward: 100n });
    job.lie([liar]);
    await job.play(0);
    await job.settle(0);
    await job.verdict(await job.openConflict(0));
    const slash = await net.slashing.slashOf(1);
    expect([slash.amount, slash.proverReward]).to.deep.equal([SLOT, worth(100n)]);
  });

  it("a job of dust makes nobody lose more than half of its dust for a miss", async () => {
    for (const listed of [false, true]) {
      const net = await load();
      await net.pools.connect(net.timelock).listPool(net.pool, listed);
      const job = new ResultJob(net, await termsOf(net, { items: 10n, shardReward: 1_000n }));
      await job.open();
      await job.draw([0]);
      await job.play(0, { absent: [1] });
      await job.settle(0);
      const victim = job.committees.get(0)![1]!;
      const before = await stakeOf(net, victim);
      await net.slashing.connect(net.keeper).punish(job.terms, 0, 1);
      const after = await stakeOf(net, victim);
      const total = (s: typeof before) => s.free + s.earmarked + s.frozen;
      expect(total(before) - total(after)).to.equal(worth(1_000n) / 2n);
      expect(await net.staking.rewardOf(net.keeper)).to.equal(worth(1_000n) / 4n);
    }
  });

  it("the bounty for a silent member is a quarter of R a seat, whatever its lock was", async () => {
    const { net, job } = await drawn();
    await job.play(0, { silent: [0] });
    await job.settle(0);
    await net.slashing.connect(net.keeper).punish(job.terms, 0, 0);
    const slash = await net.slashing.slashOf(1);
    expect([slash.amount, slash.proverReward]).to.deep.equal([8n * SLOT, (2n * worth(REWARD)) / 4n]);
  });

  it("no evidence serves twice: a fault is punished once, a panel judged once, a slash executed once", async () => {
    const { net, job } = await conflicting();
    const panel = await job.openConflict(0);
    await job.playExtra(panel, { silent: [0] });
    await job.judge(panel);
    await expect(job.judge(panel)).to.be.revertedWithCustomError(net.slashing, "SlashingUnknownPanel").withArgs(job.id, panel);
    await net.slashing.punish(job.terms, panel, 0);
    await expect(net.slashing.punish(job.terms, panel, 0)).to.be.revertedWithCustomError(net.jobs, "JobsNoFault").withArgs(job.id, panel, 0);
    await increase(3n * DAY);
    await net.slashing.execute(1);
    await expect(net.slashing.execute(1)).to.be.revertedWithCustomError(net.slashing, "SlashingWrongStatus").withArgs(1, 3);
  });

  it("a client cannot name a verifier, or a pool a metric, that convicts by its own rule", async () => {
    const net = await load();
    for (const over of [{ verifier: net.keeper.address, metric: 1 }, { metric: 2 }, { metric: 3 }]) {
      await expect(net.pools.createPool({ ...POOL_TERMS, ...over })).to.be.revertedWithCustomError(net.pools, "PoolsInvalidTerms");
    }
    for (const over of [{ verifier: net.keeper.address }, { verification: ethers.id("rule") }, { flags: 1n }]) {
      const terms = await termsOf(net, over);
      await expect(net.jobs.connect(net.client).open(terms, { validUntil: 0n, signature: "0x" }, "0x"))
        .to.be.revertedWithCustomError(net.jobs, "JobsInvalidTerms");
    }
  });

  it("when the collateral's price falls after open, locks, slashes and bounties stay as they were fixed", async () => {
    const { net, job, liar } = await conflicting();
    await net.parameters.connect(net.timelock).setToken(net.usdc, { allowed: false, stakeRate: 1n, largeJob: 0n });
    await net.parameters.connect(net.timelock).publish({ ...SETTINGS, lockMultiple: 1n, missPenaltyBps: 0n });
    await job.verdict(await job.openConflict(0));
    const slash = await net.slashing.slashOf(1);
    expect([slash.node, slash.fault, slash.amount, slash.proverReward])
      .to.deep.equal([await nodeOf(net, liar), BigInt(Fault.Wrong), 4n * SLOT, worth(REWARD)]);
  });

  it("a stolen hot key cannot say two things for one seat, and is shut out when its owner rotates it", async () => {
    const { net, job } = await drawn({ items: 10n });
    const [member] = job.committees.get(0)!;
    const owner = net.providers[member!]!;
    await job.commit(0, 0);
    await expect(net.jobs.connect(owner).commit(job.terms, 0, 0, ethers.id("another")))
      .to.be.revertedWithCustomError(net.jobs, "JobsAlreadyActed").withArgs(job.id, 0, 0);
    const rotated = net.providers[job.committees.get(0)![1]!]!;
    await net.staking.connect(rotated).setOperator(net.keeper);
    await net.pools.sync(net.pool, job.committees.get(0)![1]!);
    await expect(job.commit(0, 1)).to.be.revertedWithCustomError(net.jobs, "JobsNotSeated").withArgs(job.id, 0, 1, rotated.address);
    await net.jobs.connect(net.keeper).commit(job.terms, 0, 1, await job.commitment(0, 1));
    // the commitment binds, not the key: whoever holds the salt may open it
    await job.reveal(0, 0);
    await job.reveal(0, 1);
    await job.settle(0);
    await job.finalise([0]);
    await expectAllFree(net);
  });
});
