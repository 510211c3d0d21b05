import { expect } from "chai";
import { SLOT } from "../core.fixture.ts";
import { Shard, conflicting, drawn, earned, ethers, expectAllFree, expectBalanced, increase, stakeOf } from "../job.books.ts";
import { REWARD, SETTINGS } from "../network.fixture.ts";

const LOCK = 4n * SLOT;

describe("Attack: lying, hiding, spamming", () => {
  it("lazy garbage costs the lock of every shard it was shown for, and earns nothing", async () => {
    const { net, job } = await drawn({ items: 40n, replicas: 2n });
    const [lazy] = job.committees.get(0)!;
    job.lie([lazy!], { taste: 1 });
    await job.play(0);
    await job.settle(0);
    const own = await job.shardsOf(0, 0);
    for (const shard of own) {
      const members = await job.holders(shard);
      expect(members).to.include(lazy);
      await job.verdict(await job.openConflict(shard));
      await job.replace(shard);
    }
    expect((await stakeOf(net, lazy!)).frozen).to.equal(BigInt(own.length) * LOCK);
    await job.finalise([0]);
    for (const shard of own) await job.advance(shard);
    expect(await earned(net, lazy!)).to.equal(0n);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("refusing to reveal when caught costs the same as the lie", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { silent: [1] });
    await job.settle(0);
    await net.slashing.punish(job.terms, 0, 1);
    expect((await stakeOf(net, job.committees.get(0)![1]!)).frozen).to.equal(LOCK);
  });

  it("withholding the data of a lie convicts by a panel on the whole shard", async () => {
    const { net, job, liar } = await conflicting();
    await increase(SETTINGS.resolveWindow);
    await job.verdict(await job.openWholeConflict(0));
    expect((await stakeOf(net, liar)).frozen).to.equal(LOCK);
    expect((await net.slashing.slashOf(1)).fault).to.equal(4n);
  });

  it("a root over nothing cannot be opened, and convicts all the same", async () => {
    const { net, job } = await drawn({ items: 10n });
    const liar = job.committees.get(0)![1]!;
    const roots = job.roots.bind(job);
    job.roots = async (batch, position) => (job.committees.get(batch)![position] === liar ? [ethers.id("garbage")] : roots(batch, position));
    await job.play(0);
    await job.settle(0);
    await increase(SETTINGS.resolveWindow);
    const panel = await job.openWholeConflict(0);
    await job.verdict(panel);
    expect((await stakeOf(net, liar)).frozen).to.equal(LOCK);
  });

  it("a job that gives everybody another answer has nobody slashed: its client pays", async () => {
    const { net, job } = await drawn({ items: 10n });
    job.digestOf = (member, shard, item, batch) => ethers.id(`${member} ${shard} ${item} ${batch}`);
    await job.play(0);
    await job.settle(0);
    await job.replace(0);
    const panel = await job.openConflict(0);
    await job.verdict(panel);
    expect((await job.shardCase(0)).status).to.equal(Shard.Tied);
    expect(await net.slashing.slashCount()).to.equal(0n);
    for (const m of [...job.committees.get(0)!, job.committees.get(1 << 15)![0]!]) expect(await earned(net, m)).to.equal(REWARD);
    await expectBalanced(net, [job]);
  });

  it("a minority of a panel neither convicts nor saves: it loses its lock", async () => {
    const { net, job, liar } = await conflicting();
    const panel = await job.openConflict(0);
    await job.draw([panel]);
    const friend = job.committees.get(panel)![1]!;
    const before = job.digestOf;
    job.digestOf = (member, shard, item, batch) => before(member === friend ? liar : member, shard, item, batch);
    await job.play(panel);
    await job.judge(panel);
    expect((await job.shardCase(0)).convictedMask).to.equal(2n);
    expect((await stakeOf(net, friend)).frozen).to.equal(LOCK);
  });

  it("one conflict at a time: openings cannot be spammed, nor replayed after their verdict", async () => {
    const { net, job } = await conflicting();
    const openings = [await job.opening(0, 0, 0), await job.opening(0, 1, 0)] as const;
    const open = () => net.slashing.openConflict(job.terms, 0, 0, ...openings);
    const panel = await job.openConflict(0);
    await expect(open()).to.be.revertedWithCustomError(net.jobs, "JobsPanelBusy").withArgs(panel);
    await job.verdict(panel);
    await expect(open()).to.be.revertedWithCustomError(net.slashing, "SlashingNotConflicting").withArgs(job.id, 0);
    await job.replace(0);
    await expect(open()).to.be.revertedWithCustomError(net.slashing, "SlashingNotConflicting").withArgs(job.id, 0);
  });
});
