import { expect } from "chai";
import { DAY, SLOT, nextEpoch, networkHelpers } from "../core.fixture.ts";
import { Shard, conflicting, drawn, earned, expectAllFree, expectBalanced, increase, nodeOf, now, stakeOf } from "../job.books.ts";
import { REWARD, SETTINGS } from "../network.fixture.ts";

const { resolveWindow } = SETTINGS;

describe("Attack: outrunning a verdict", () => {
  it("a case is not given up before the panel that was drawn for it could be counted", async () => {
    const { net, job, liar } = await conflicting();
    const panel = await job.openConflict(0);
    const { deadline } = await job.shardCase(0);
    // the panel is drawn late, and one of it shows its vote in the last second
    await networkHelpers.time.increaseTo(deadline - 100n);
    await job.draw([panel]);
    await job.play(panel, { silent: [0] });
    expect(await now()).to.be.greaterThan(deadline);
    await expect(job.advance(0)).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly");
    await expect(job.judge(panel)).to.emit(net.slashing, "SlashProposed");
    expect((await job.shardCase(0)).status).to.equal(Shard.Pending);
    expect((await stakeOf(net, liar)).frozen).to.equal(4n * SLOT);
  });

  it("nor before the replacement that was drawn for it could be counted", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { absent: [1] });
    await job.settle(0);
    const { deadline } = await job.shardCase(0);
    await networkHelpers.time.increaseTo(deadline - 60n);
    const [replacement] = await job.extras("replacement", 0);
    await job.draw([replacement!]);
    await increase(job.terms.commitWindow - 10n);
    await expect(job.advance(0)).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly");
    await job.reveal(replacement!, 0);
    await job.settle(replacement!);
    expect((await job.shardCase(0)).status).to.equal(Shard.Agreed);
  });

  it("what is not drawn before the deadline is not drawn any more", async () => {
    const { net, job } = await conflicting();
    const panel = await job.openConflict(0);
    const { deadline } = await job.shardCase(0);
    await networkHelpers.time.increaseTo(deadline - 1n);
    await expect(net.jobs.draw(job.terms, [panel])).to.be.revertedWithCustomError(net.jobs, "JobsTooLate").withArgs(deadline);
    await expect(job.advance(0)).to.emit(net.jobs, "ShardChanged").withArgs(job.id, 0, Shard.Tied, true, "0x".padEnd(66, "0"));
    await expectAllFree(net);
  });

  it("after a verdict there is time again to open what still differs", async () => {
    const { job } = await drawn({ items: 10n, replicas: 3n });
    const [, second, third] = job.committees.get(0)!;
    job.lie([second!]);
    job.lie([third!], { item: 1, taste: 1 }); // all three differ
    await job.play(0);
    await job.settle(0);
    await job.replace(0);
    const panel = await job.openConflict(0, 0, [0, 1]);
    const { deadline } = await job.shardCase(0);
    await networkHelpers.time.increaseTo(deadline - 100n);
    await job.verdict(panel);
    const after = await job.shardCase(0);
    expect([after.status, after.conflicting]).to.deep.equal([Shard.Pending, true]);
    expect(after.deadline).to.be.at.least((await now()) + 2n * resolveWindow);
  });

  it("a panel for a whole shard waits for those who could open one item, counted from the conflict", async () => {
    const { net, job } = await drawn({ items: 10n });
    const liar = { member: -1 };
    await job.play(0, { absent: [1] });
    await job.settle(0);
    await increase(resolveWindow);
    const [replacement] = await job.extras("replacement", 0);
    await job.draw([replacement!]);
    liar.member = job.committees.get(replacement!)![0]!;
    job.lie([liar.member]);
    await job.play(replacement!);
    await job.settle(replacement!);
    // the conflict is young, although the shard has waited long
    await expect(job.openWholeConflict(0)).to.be.revertedWithCustomError(net.slashing, "SlashingTooEarly").withArgs((await now()) + resolveWindow);
    await increase(resolveWindow);
    await job.openWholeConflict(0);
  });

  it("a tie pays the replacement that is at work for it, and waits no longer than that takes", async () => {
    const { net, job, holders } = await conflicting();
    const [replacement] = await job.extras("replacement", 0);
    await job.draw([replacement!]);
    const panel = await job.openConflict(0);
    await job.draw([panel]);
    for (let p = 0; p < 3; p++) await job.decline(panel, p, 2);
    await expect(job.judge(panel)).to.emit(net.slashing, "PanelTied");
    expect((await job.shardCase(0)).status).to.equal(Shard.Pending);
    // there is no second panel meanwhile
    await expect(job.openConflict(0)).to.be.revertedWithCustomError(net.jobs, "JobsPanelBusy").withArgs(panel);
    const worker = job.committees.get(replacement!)![0]!;
    await job.reveal(replacement!, 0);
    await job.settle(replacement!);
    expect((await job.shardCase(0)).status).to.equal(Shard.Tied);
    for (const member of [...holders, worker]) expect(await earned(net, member)).to.equal(REWARD);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("a tie waits for nobody who is not drawn, and not for ever", async () => {
    const first = await conflicting();
    const panel = await first.job.openConflict(0);
    await first.job.draw([panel]);
    for (let p = 0; p < 3; p++) await first.job.decline(panel, p, 2);
    await first.job.judge(panel);
    expect((await first.job.shardCase(0)).status).to.equal(Shard.Tied);

    const { net, job, holders } = await conflicting();
    const [replacement] = await job.extras("replacement", 0);
    await job.draw([replacement!]);
    const tying = await job.openConflict(0);
    await job.draw([tying]);
    for (let p = 0; p < 3; p++) await job.decline(tying, p, 2);
    await job.judge(tying);
    await job.sleep();
    await job.settle(replacement!); // it showed nothing
    expect((await job.shardCase(0)).status).to.equal(Shard.Tied);
    for (const member of holders) expect(await earned(net, member)).to.equal(REWARD);
    await net.slashing.punish(job.terms, replacement!, 0);
    await expectAllFree(net);
  });

  it("by leaving: stake that answers for work can neither be released nor unbonded, and the whole lock freezes", async () => {
    const { net, job, liar } = await conflicting();
    const owner = net.providers[liar]!;
    await net.pools.connect(owner).setCapacity(net.pool, 0);
    await nextEpoch();
    await net.pools.sync(net.pool, liar);
    const node = await nodeOf(net, liar);
    const { free, earmarked } = await net.staking.stakeOf(node);
    expect(earmarked).to.equal(4n * SLOT);
    await net.staking.connect(owner).requestUnbonding(free);
    await expect(net.staking.connect(owner).requestUnbonding(1n)).to.be.revertedWithCustomError(net.staking, "StakingInsufficient");
    await job.verdict(await job.openConflict(0));
    expect((await net.staking.stakeOf(node)).frozen).to.equal(4n * SLOT);
    await increase(3n * DAY);
    await net.slashing.execute(1);
    const after = await net.staking.stakeOf(node);
    expect([after.frozen, after.earmarked]).to.deep.equal([0n, 0n]);
  });
});
