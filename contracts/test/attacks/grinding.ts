import { expect } from "chai";
import { nextEpoch, networkHelpers } from "../core.fixture.ts";
import { Status, drawn, ethers, load, opened } from "../job.books.ts";
import { REWARD, type Network, termsOf } from "../network.fixture.ts";
import { ResultJob } from "../result.driver.ts";

/** The committee that batch 0 would get now. */
async function committeeNow(net: Network, job: ResultJob): Promise<bigint> {
  const snapshot = await networkHelpers.takeSnapshot();
  await net.jobs.draw(job.terms, [0]);
  const { committee } = await net.jobs.batch(job.id, 0);
  await snapshot.restore();
  return committee;
}

describe("Attack: grinding the seed", () => {
  it("by stake changes: joining, leaving, pausing and growing do not move a draw of this epoch", async () => {
    const { net, job } = await opened();
    await networkHelpers.mine(2);
    const before = await committeeNow(net, job);
    expect(before).to.not.equal(0n);
    const newcomer = net.keeper;
    await net.staking.connect(newcomer).register(newcomer, newcomer, "0xa0", ethers.ZeroHash);
    await net.staking.connect(net.deployer).deposit(await net.staking.nodeOf(newcomer), ethers.parseEther("100000"));
    await net.pools.connect(newcomer).joinPool(net.pool, 1_000);
    await net.pools.connect(net.providers[0]!).setPaused(net.pool, 0, true);
    await net.pools.connect(net.providers[1]!).setCapacity(net.pool, 0);
    await net.pools.connect(net.providers[2]!).setCapacity(net.pool, 600);
    expect(await committeeNow(net, job)).to.equal(before);
  });

  it("by withholding the draw: a round that went unused in its epoch is replaced, not kept for later", async () => {
    const { net, job } = await opened();
    await networkHelpers.mine(2);
    const { round } = await job.state();
    await nextEpoch();
    await expect(net.jobs.draw(job.terms, [0])).to.emit(net.jobs, "RoundArmed");
    expect((await net.jobs.batch(job.id, 0)).phase).to.equal(0n);
    expect((await job.state()).round).to.be.greaterThan(round);
    await job.draw([0]);
    expect((await job.state()).status).to.equal(Status.Active);
  });

  it("by drawing before the round is known", async () => {
    const { net, job } = await opened();
    const { round } = await job.state();
    await expect(net.jobs.draw(job.terms, [0])).to.be.revertedWithCustomError(net.randomness, "RandomnessPending").withArgs(round);
  });

  it("by taking the job back when the draw does not suit: looking costs the draw fee", async () => {
    const { net, job } = await opened();
    await networkHelpers.mine(2);
    const { remaining } = await job.state();
    const fee = (8n * REWARD) / 20n;
    await expect(net.jobs.connect(net.client).cancel(job.terms))
      .to.emit(net.jobs, "JobClosed").withArgs(job.id, Status.Cancelled, 0, fee, remaining - fee);
    expect(await net.jobs.creditOf(net.usdc, net.timelock)).to.equal(fee);
  });

  it("by drawing twice: a batch has one committee", async () => {
    const { net, job } = await drawn();
    await expect(net.jobs.draw(job.terms, [0])).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(job.id, 0, 1);
    const other = new ResultJob(net, await termsOf(net, { nonce: 2n }));
    await other.open();
    await networkHelpers.mine(2);
    await expect(net.jobs.draw(other.terms, [0, 0])).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(other.id, 0, 1);
  });

  it("by serving one's own job: neither the client's nor the aggregator's node is drawn", async () => {
    const net = await load();
    const client = net.providers[3]!;
    await net.usdc.mint(client, 1_000n * REWARD);
    await net.usdc.connect(client).approve(net.jobs, 1_000n * REWARD);
    await net.jobs.connect(client).deposit(net.usdc, client, 1_000n * REWARD);
    for (let nonce = 1n; nonce <= 12n; nonce++) {
      const job = new ResultJob({ ...net, client }, await termsOf({ ...net, client }, { nonce, items: 80n }));
      await job.open();
      await job.draw([0]);
      expect(job.committees.get(0)).to.not.include(3);
    }
  });
});
