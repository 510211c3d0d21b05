import { expect } from "chai";
import { Shard, Status, conflicting, drawn, earned, ethers, expectAllFree, expectBalanced, increase, now, nodeOf } from "../job.books.ts";
import { signerAt } from "../core.fixture.ts";
import { EXTRA, REWARD, SETTINGS } from "../network.fixture.ts";

const { resolveWindow } = SETTINGS;
const ZERO = ethers.ZeroHash;

describe("Unhappy shards", () => {
  it("a missing replica is replaced by a fresh member, and the shard is paid after its own challenge window", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { absent: [0] });
    await expect(job.settle(0)).to.emit(net.jobs, "ExtraOpened").withArgs(job.id, EXTRA, 1, 0, 0);
    const root = (await job.roots(0, 1))[0]!;
    await expect(job.replace(0)).to.emit(net.jobs, "ShardChanged").withArgs(job.id, 0, Shard.Agreed, false, root);
    const fresh = job.committees.get(EXTRA)![0]!;
    expect(job.committees.get(0)).to.not.include(fresh);
    const since = await now();
    await expect(job.advance(0)).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly").withArgs(since + job.terms.challengeWindow);
    await increase(job.terms.challengeWindow);
    await expect(job.advance(0)).to.emit(net.jobs, "JobClosed");
    expect((await job.state()).status).to.equal(Status.Completed);
    for (const member of [job.committees.get(0)![1]!, fresh]) expect(await earned(net, member)).to.equal(REWARD);
    await expect(job.advance(0)).to.be.revertedWithCustomError(net.jobs, "JobsWrongShardStatus").withArgs(job.id, 0, Shard.Final);
    await net.slashing.punish(job.terms, 0, 0);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("is refunded when its replacements are used up", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { silent: [0, 1] });
    await job.settle(0);
    for (const number of [EXTRA, EXTRA + 1]) {
      await job.draw([number]);
      if (number === EXTRA) await job.decline(number, 0, 2);
      else await job.sleep();
      await job.settle(number);
    }
    const closed = await job.state();
    expect([closed.status, closed.extras, closed.remaining]).to.deep.equal([Status.Refunded, 2n, 0n]);
    expect((await job.shardCase(0)).status).to.equal(Shard.Refunded);
    // the one that declined alone pays for it, the one that stayed away too
    await expect(net.slashing.punish(job.terms, EXTRA, 0)).to.emit(net.slashing, "FaultPenalised").withArgs(job.id, await nodeOf(net, job.committees.get(EXTRA)![0]!), 1, 10n ** 19n, anyAddress);
    await net.slashing.punish(job.terms, EXTRA + 1, 0);
    for (const p of [0, 1]) await net.slashing.punish(job.terms, 0, p);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("is refunded at its deadline when nobody can be drawn to replace", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { absent: [0] });
    await job.settle(0);
    const { deadline } = await job.shardCase(0);
    expect(deadline).to.equal((await now()) + 2n * resolveWindow + job.terms.commitWindow + job.terms.revealWindow);
    await expect(job.advance(0)).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly").withArgs(deadline);
    await increase(deadline - (await now()) - 1n);
    await expect(job.advance(0)).to.emit(net.jobs, "ShardChanged").withArgs(job.id, 0, Shard.Refunded, false, ZERO);
    expect(await earned(net, job.committees.get(0)![1]!)).to.equal(0n);
    await expect(job.draw([EXTRA])).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus"); // the job is over
    await net.slashing.punish(job.terms, 0, 0);
    await expectAllFree(net);
  });

  it("that nobody showed gets two replicas and agrees", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { absent: [0, 1] });
    await job.settle(0);
    await job.replace(0);
    expect((await job.shardCase(0)).status).to.equal(Shard.Pending);
    await job.replace(0);
    expect((await job.shardCase(0)).status).to.equal(Shard.Agreed);
    for (const p of [0, 1]) await net.slashing.punish(job.terms, 0, p);
    await increase(job.terms.challengeWindow);
    await job.advance(0);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("a replacement that settles after its case was given up is freed and not paid", async () => {
    const { net, job } = await drawn({ items: 20n });
    await job.play(0, { absent: [0] });
    await job.settle(0);
    const [first, second] = await job.extras("replacement");
    await job.draw([first!]);
    await job.reveal(first!, 0);
    const shard = Number((await net.jobs.extra(job.id, first!)).shard);
    const { deadline } = await job.shardCase(shard);
    await increase(deadline - (await now()));
    await job.advance(shard); // nobody settled what it showed
    await expect(job.settle(first!)).to.emit(net.jobs, "BatchSettled").withArgs(job.id, first, 0, []);
    await expect(job.draw([second!])).to.be.revertedWithCustomError(net.jobs, "JobsTooLate");
    await job.giveUp();
    await net.jobs.finalise(job.terms, [0]);
    await net.slashing.punish(job.terms, 0, 0);
    expect(await earned(net, job.committees.get(first!)![0]!)).to.equal(0n);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("draw nothing for a case that has ended", async () => {
    const { net, job } = await drawn({ items: 20n }); // the other shard keeps the job alive
    const liar = job.committees.get(0)![1]!;
    job.lie([liar]);
    await job.play(0);
    await job.settle(0);
    const panel = await job.openConflict(0);
    await job.draw([panel]);
    for (let p = 0; p < 3; p++) await job.decline(panel, p, 2);
    await job.judge(panel);
    expect((await job.shardCase(0)).status).to.equal(Shard.Tied);
    const [replacement] = await job.extras("replacement", 0);
    for (const number of [replacement!, EXTRA + 99]) {
      await expect(net.jobs.draw(job.terms, [number])).to.be.revertedWithCustomError(net.jobs, "JobsUnknownBatch").withArgs(number);
    }
  });

  it("a stale round of a replacement is named anew", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { absent: [0] });
    await job.settle(0);
    const before = await net.jobs.extra(job.id, EXTRA);
    await increase(600n);
    await expect(net.jobs.draw(job.terms, [EXTRA])).to.emit(net.jobs, "RoundArmed");
    const after = await net.jobs.extra(job.id, EXTRA);
    expect(after.round).to.be.greaterThan(before.round);
    expect([after.kind, after.shard, after.item]).to.deep.equal([before.kind, before.shard, before.item]);
    await job.replace(0);
    expect((await job.shardCase(0)).status).to.equal(Shard.Agreed);
  });

  it("conflicting shards are tied at their deadline when nobody asks for a panel: all who showed something are paid", async () => {
    const { net, job, holders } = await conflicting();
    await job.replace(0);
    await job.giveUp();
    const tied = await job.shardCase(0);
    expect(tied.status).to.equal(Shard.Tied);
    const third = job.committees.get(EXTRA)![0]!;
    for (const member of [...holders, third]) expect(await earned(net, member)).to.equal(REWARD);
    expect((await job.state()).status).to.equal(Status.Refunded);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("leave the others of their batch alone", async () => {
    const { net, job } = await drawn({ items: 80n });
    await job.play(0, { absent: [1] });
    await job.settle(0);
    const own = await job.shardsOf(0, 1);
    await job.finalise([0]);
    const state = await job.state();
    expect([state.status, state.agreed, state.ended]).to.deep.equal([Status.Active, 8n - BigInt(own.length), 8n - BigInt(own.length)]);
    await job.giveUp();
    expect((await job.state()).status).to.equal(Status.Partial);
    await net.slashing.punish(job.terms, 0, 1);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("only Slashing moves panels, verdicts and faults", async () => {
    const { net, job } = await conflicting();
    const asAnybody = net.jobs.connect(net.keeper);
    const refused = (call: Promise<unknown>) => expect(call).to.be.revertedWithCustomError(net.jobs, "JobsUnauthorized").withArgs(net.keeper.address);
    await refused(asAnybody.openPanel(job.terms, 0, 2, 0));
    await refused(asAnybody.closePanel(job.terms, EXTRA, []));
    await refused(asAnybody.applyVerdict(job.terms, 0, 1));
    await refused(asAnybody.takeFault(job.terms, 0, 0));
  });

  it("get no panel without a conflict, also when Slashing asks", async () => {
    const { net, job } = await drawn({ items: 20n });
    const slashing = await signerAt(await net.slashing.getAddress());
    const refused = (shard: number, status: bigint) =>
      expect(net.jobs.connect(slashing).openPanel(job.terms, shard, 2, 0)).to.be.revertedWithCustomError(net.jobs, "JobsWrongShardStatus").withArgs(job.id, shard, status);
    await refused(0, Shard.None);
    await job.play(0, { absent: [0] });
    await job.settle(0);
    const [replacement] = await job.extras("replacement");
    const { shard } = await net.jobs.extra(job.id, replacement!);
    await refused(Number(shard), Shard.Pending); // one replica is missing, and none contradicts another
    expect((await job.shardCase(Number(shard))).panel).to.equal(0n);
  });

  it("show their roots and members to everybody", async () => {
    const { net, job, liar } = await conflicting();
    const c = await job.shardCase(0);
    expect([c.status, c.conflicting, c.replicas, c.awaiting, c.presentMask]).to.deep.equal([Shard.Pending, true, 3n, true, 3n]);
    expect(await net.jobs.caseRoot(job.id, 0, 0)).to.not.equal(await net.jobs.caseRoot(job.id, 0, 1));
    expect(await net.jobs.caseMember(job.terms, 0, 1)).to.equal(BigInt(liar + 1));
    expect(await net.jobs.caseMember(job.terms, 0, 2)).to.equal(0n);
    expect(await net.jobs.caseRoot(job.id, 0, 2)).to.equal(ZERO);
    expect((await net.jobs.shardCase(job.id, 1)).status).to.equal(Shard.None);
  });
});

const anyAddress = () => true;
