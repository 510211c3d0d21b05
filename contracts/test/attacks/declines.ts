import { expect } from "chai";
import { Shard, Status, conflicting, drawn, earned, expectAllFree, expectBalanced, increase, nodeOf } from "../job.books.ts";
import { REWARD } from "../network.fixture.ts";

const DeclineReason = { CannotRun: 1, CannotFetch: 2, InvalidManifest: 3 } as const;

describe("Attack: failure commits and capacity exhaustion", () => {
  it("k members that decline together neither undo the work of others nor save a liar among them", async () => {
    const { net, job } = await drawn({ items: 80n }); // 8 shards over 8 members
    const holdersOf = async (shard: number) => (await job.holders(shard)).map((m) => job.position(0, m));
    const conflict = 0;
    const [honest, liar] = await holdersOf(conflict);
    job.lie([job.committees.get(0)![liar!]!]);
    const others = [0, 1, 2, 3, 4, 5, 6, 7].filter((p) => p !== honest && p !== liar);
    const quitters = [others[2]!, others[4]!];
    for (const p of quitters) await job.decline(0, p, DeclineReason.InvalidManifest);
    for (const p of [0, 1, 2, 3, 4, 5, 6, 7].filter((p) => !quitters.includes(p))) await job.commit(0, p);
    for (const p of [0, 1, 2, 3, 4, 5, 6, 7].filter((p) => !quitters.includes(p))) await job.reveal(0, p);
    await job.settle(0);
    const { agreedMask } = await net.jobs.batch(job.id, 0);
    for (let shard = 0; shard < 8; shard++) {
      if ((agreedMask >> BigInt(shard)) & 1n) continue;
      const shown = (await holdersOf(shard)).filter((p) => !quitters.includes(p));
      // what anybody showed goes on; only what nobody showed is refunded
      expect((await job.shardCase(shard)).status, `shard ${shard}`).to.equal(shown.length > 0 ? Shard.Pending : Shard.Refunded);
    }
    const panel = await job.openConflict(conflict);
    await job.verdict(panel);
    expect((await job.shardCase(conflict)).convictedMask).to.not.equal(0n);
  });

  it("a manifest that nobody can run costs its client the draw fee, and no member anything", async () => {
    const { net, job } = await drawn();
    for (let p = 0; p < 4; p++) await job.decline(0, p, DeclineReason.CannotRun);
    const fee = (8n * REWARD) / 20n;
    const { remaining } = await job.state();
    await expect(job.settle(0)).to.emit(net.jobs, "JobClosed").withArgs(job.id, Status.Refunded, 0, fee, remaining - fee);
    for (let p = 0; p < 4; p++) {
      await expect(net.slashing.punish(job.terms, 0, p)).to.be.revertedWithCustomError(net.jobs, "JobsNoFault").withArgs(job.id, 0, p);
    }
    await increase(job.terms.challengeWindow);
    await net.jobs.finalise(job.terms, [0]);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("a client that serves its inputs to some members only earns nothing from those that must decline", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.decline(0, 1, DeclineReason.CannotFetch);
    await job.reveal(0, 0);
    await job.settle(0);
    const starved = job.committees.get(0)![1]!;
    await expect(net.slashing.connect(net.client).punish(job.terms, 0, 1))
      .to.emit(net.slashing, "FaultPenalised").withArgs(job.id, await nodeOf(net, starved), 1, 10n ** 19n, net.client.address);
    expect(await net.staking.rewardOf(net.client)).to.equal(0n);
  });

  it("a client that lets a panel down has no honest member of it penalised", async () => {
    const { net, job } = await conflicting();
    const panel = await job.openConflict(0);
    await job.draw([panel]);
    for (let p = 0; p < 3; p++) await job.decline(panel, p, DeclineReason.CannotFetch);
    await expect(job.judge(panel)).to.emit(net.slashing, "PanelTied").withArgs(job.id, 0, panel);
    for (let p = 0; p < 3; p++) {
      await expect(net.slashing.punish(job.terms, panel, p)).to.be.revertedWithCustomError(net.jobs, "JobsNoFault").withArgs(job.id, panel, p);
    }
    expect((await job.shardCase(0)).status).to.equal(Shard.Tied);
    await expectAllFree(net);
  });

  it("locks honest capacity for a job's windows at most, and not for free", async () => {
    const { net, job } = await drawn({ items: 320n, commitWindow: 2_000n });
    await job.sleep();
    await job.settle(0);
    await job.giveUp();
    const treasury = await net.jobs.creditOf(net.usdc, net.timelock);
    expect(treasury).to.equal((64n * REWARD) / 20n);
    for (let p = 0; p < 8; p++) await net.slashing.punish(job.terms, 0, p);
    await increase(job.terms.challengeWindow);
    await net.jobs.finalise(job.terms, [0]);
    await expectAllFree(net);
    expect(await earned(net, 0)).to.equal(0n);
  });
});
