import { expect } from "chai";
import { Status, drawn, expectAllFree, expectBalanced, increase, load, now, opened, openedWithAggregator } from "../job.books.ts";
import { REWARD, termsOf } from "../network.fixture.ts";
import { networkHelpers, nextEpoch } from "../core.fixture.ts";
import { ResultJob } from "../result.driver.ts";

describe("Jobs.cancel", () => {
  it("returns the whole deposit before the committees can be known", async () => {
    const { net, job } = await opened();
    const { remaining } = await job.state();
    const before = await net.jobs.creditOf(net.usdc, net.client);
    await expect(net.jobs.connect(net.client).cancel(job.terms)).to.emit(net.jobs, "JobClosed").withArgs(job.id, Status.Cancelled, 0, 0, remaining);
    expect(await net.jobs.creditOf(net.usdc, net.client)).to.equal(before + remaining);
    await expectBalanced(net, [job]);
  });

  it("returns the aggregator's bond", async () => {
    const { net, job, aggregator } = await openedWithAggregator();
    await net.jobs.connect(net.client).cancel(job.terms);
    expect((await net.staking.stakeOf(aggregator)).bonded).to.equal(0n);
    expect(await net.jobs.bondOf(job.id)).to.equal(0n);
  });

  it("is the client's alone, and over with the first draw", async () => {
    const { net, job } = await opened();
    await expect(net.jobs.connect(net.keeper).cancel(job.terms)).to.be.revertedWithCustomError(net.jobs, "JobsUnauthorized").withArgs(net.keeper.address);
    await job.draw([0]);
    await expect(net.jobs.connect(net.client).cancel(job.terms)).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus").withArgs(job.id, Status.Active);
  });

  it("costs nothing again when the round went unused in its epoch", async () => {
    const { net, job } = await opened();
    await networkHelpers.mine(3);
    await nextEpoch();
    const { remaining } = await job.state();
    await expect(net.jobs.connect(net.client).cancel(job.terms)).to.emit(net.jobs, "JobClosed").withArgs(job.id, Status.Cancelled, 0, 0, remaining);
  });

  it("costs nothing when the value of the round is forgotten", async () => {
    const net = await load();
    const job = new ResultJob(net, await termsOf(net));
    await nextEpoch();
    await job.open();
    await networkHelpers.mine(300); // one second each: the epoch goes on
    const { remaining } = await job.state();
    await expect(net.jobs.connect(net.client).cancel(job.terms)).to.emit(net.jobs, "JobClosed").withArgs(job.id, Status.Cancelled, 0, 0, remaining);
  });
});

describe("Jobs.expire", () => {
  it("refunds a job that was never drawn, after its deadline and not in its last second", async () => {
    const { net, job } = await opened();
    const before = await net.jobs.creditOf(net.usdc, net.client);
    const { remaining } = await job.state();
    await networkHelpers.time.increaseTo(job.terms.deadline - 1n);
    await expect(net.jobs.expire(job.terms)).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly").withArgs(job.terms.deadline + 1n);
    await networkHelpers.time.increaseTo(job.terms.deadline);
    await expect(net.jobs.expire(job.terms)).to.emit(net.jobs, "JobClosed").withArgs(job.id, Status.Refunded, 0, 0, remaining);
    expect(await net.jobs.creditOf(net.usdc, net.client)).to.equal(before + remaining);
    await expect(net.jobs.expire(job.terms)).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus").withArgs(job.id, Status.Refunded);
    await expect(job.draw([0])).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus").withArgs(job.id, Status.Refunded);
  });

  it("ends what is not drawn while the rest goes on", async () => {
    const { net, job } = await opened({ items: 400n, commitWindow: 2_000n });
    await job.draw([1]);
    await job.play(1);
    await job.settle(1);
    await networkHelpers.time.increaseTo(job.terms.deadline + 1n);
    await expect(job.draw([0])).to.be.revertedWithCustomError(net.jobs, "JobsDeadlinePassed").withArgs(job.terms.deadline);
    await net.jobs.expire(job.terms);
    expect((await job.state()).status).to.equal(Status.Active);
    await expect(net.jobs.expire(job.terms)).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus").withArgs(job.id, Status.Active);
    // 8 of 40 shards were drawn and agreed: their fee only
    const spent = 16n * REWARD + (16n * REWARD) / 20n;
    const { remaining } = await job.state();
    await expect(job.finalise([1])).to.emit(net.jobs, "JobClosed").withArgs(job.id, Status.Partial, 0, (16n * REWARD) / 20n, remaining - spent);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("is refused where everything is drawn", async () => {
    const { net, job } = await drawn();
    await networkHelpers.time.increaseTo(job.terms.deadline + 1n);
    await expect(net.jobs.expire(job.terms)).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus").withArgs(job.id, Status.Active);
  });

  it("knows no job of other terms", async () => {
    const net = await load();
    const terms = await termsOf(net);
    await expect(net.jobs.expire(terms)).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus").withArgs(await net.jobs.jobId(terms), Status.None);
  });
});

describe("Jobs.finalise", () => {
  it("pays after the challenge window, in its first second", async () => {
    const { net, job } = await drawn();
    await job.play(0);
    await job.settle(0);
    const settled = await now();
    const notBefore = settled + job.terms.challengeWindow;
    await increase(job.terms.challengeWindow - 2n);
    await expect(net.jobs.finalise(job.terms, [0])).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly").withArgs(notBefore);
    await increase(1n);
    const tx = net.jobs.finalise(job.terms, [0]);
    await expect(tx).to.emit(net.jobs, "JobClosed").withArgs(job.id, Status.Completed, 0, (8n * REWARD) / 20n, (await job.state()).remaining - 8n * REWARD - (8n * REWARD) / 20n);
    expect(await now()).to.equal(notBefore);
    const members = job.committees.get(0)!;
    let payees = 0n;
    for (const [p, m] of members.entries()) payees |= (await net.staking.nodeOf(net.providers[m]!)) << BigInt(32 * p);
    await expect(tx).to.emit(net.jobs, "BatchFinalised").withArgs(job.id, 0, payees, 0x02020202n);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("pays the aggregator its share of what agreed, and returns its bond", async () => {
    const { net, job, aggregator } = await openedWithAggregator({ aggregatorFeeBps: 150n });
    await job.draw([0]);
    await job.play(0);
    await job.settle(0);
    await expect(job.finalise([0])).to.emit(net.jobs, "Earned").withArgs(net.usdc, aggregator, (8n * REWARD * 150n) / 10_000n);
    expect((await net.staking.stakeOf(aggregator)).bonded).to.equal(0n);
    await expectBalanced(net, [job]);
  });

  it("refuses batches that are not settled, are finalised, or are none", async () => {
    const { net, job } = await opened({ items: 400n, commitWindow: 2_000n });
    const wrong = (batch: number, phase: number) =>
      expect(net.jobs.finalise(job.terms, [batch])).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(job.id, batch, phase);
    await wrong(0, 0);
    await job.draw([0, 1]);
    await wrong(0, 1);
    await wrong(1 << 15, 0);
    for (const b of [0, 1]) {
      await job.play(b);
      await job.settle(b);
    }
    await increase(job.terms.challengeWindow);
    await expect(net.jobs.finalise(job.terms, [0, 1, 0])).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(job.id, 0, 3);
    await net.jobs.finalise(job.terms, [1]);
    expect((await job.state()).status).to.equal(Status.Active);
    await net.jobs.finalise(job.terms, [0]);
    expect((await job.state()).status).to.equal(Status.Completed);
  });

  it("frees the slots of a batch in which nothing agreed, also after the job is closed", async () => {
    const { net, job } = await drawn({ items: 90n, committeeWidth: 8n }); // 9 shards over 8 members: loads differ
    await job.sleep();
    await job.settle(0);
    const state = await net.jobs.batch(job.id, 0);
    expect(state.agreedMask).to.equal(0n);
    await job.giveUp();
    expect((await job.state()).status).to.equal(Status.Refunded);
    for (let p = 0; p < 8; p++) await net.slashing.punish(job.terms, 0, p);
    await net.jobs.finalise(job.terms, [0]);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });
});
