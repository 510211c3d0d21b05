import { expect } from "chai";
import { SLOT } from "../core.fixture.ts";
import { Shard, Status, conflicting, drawn, earned, ethers, expectAllFree, expectBalanced, increase, nodeOf, now, stakeOf } from "../job.books.ts";
import { EXTRA, REWARD, SETTINGS } from "../network.fixture.ts";
import { wrongDigest } from "../result.driver.ts";
import { leafOf } from "../result.tree.ts";

const LOCK = 4n * SLOT;
const R = 20n * 10n ** 18n; // in INFER

describe("Slashing.openConflict", () => {
  it("orders a panel on one item where two replicas differ", async () => {
    const { net, job } = await conflicting();
    const [a, b] = [await job.opening(0, 0, 0), await job.opening(0, 1, 0)];
    const tx = net.slashing.connect(net.keeper).openConflict(job.terms, 0, 0, a, b);
    await expect(tx).to.emit(net.slashing, "ConflictOpened").withArgs(job.id, 0, EXTRA + 1, 0, net.keeper.address);
    await expect(tx).to.emit(net.jobs, "ExtraOpened").withArgs(job.id, EXTRA + 1, 2, 0, 0);
    const c = await job.shardCase(0);
    expect(c.panel).to.equal(BigInt(EXTRA + 1));
    expect(c.deadline).to.equal((await now()) + 2n * SETTINGS.resolveWindow + job.terms.commitWindow + job.terms.revealWindow);
  });

  it("takes openings in either order and at any differing item of the shard", async () => {
    const { job, liar } = await conflicting({ items: 7n });
    job.lie([liar], { item: 0 });
    const panel = await job.openConflict(0, 0, [1, 0]);
    await job.verdict(panel);
    expect((await job.shardCase(0)).convictedMask).to.equal(2n);
  });

  it("refuses what does not prove a difference", async () => {
    const { net, job } = await conflicting();
    const [a, b] = [await job.opening(0, 0, 0), await job.opening(0, 1, 0)];
    const open = (shard: number, item: number, x: typeof a, y: typeof b) => net.slashing.openConflict(job.terms, shard, item, x, y);
    const reverted = (call: Promise<unknown>, error: string, ...args: unknown[]) =>
      expect(call).to.be.revertedWithCustomError(net.slashing, error).withArgs(...args);
    await reverted(open(0, 0, a, a), "SlashingSameReplica", 0);
    await reverted(open(0, 1, await job.opening(0, 0, 1), await job.opening(0, 1, 1)), "SlashingSameResult", 1);
    await reverted(open(0, 10, a, b), "SlashingUnknownItem", 10, 10);
    await reverted(open(1, 0, a, b), "SlashingUnknownItem", 0, 0);
    await reverted(open(0, 1, a, b), "SlashingWrongProof", 0);
    await reverted(open(0, 0, a, { ...b, proof: b.proof.slice(1) }), "SlashingWrongProof", 1);
    await reverted(open(0, 0, { ...a, resultDigest: wrongDigest(0, 0, 5) }, b), "SlashingWrongProof", 0);
    await reverted(open(0, 0, a, { ...b, replica: 2 }), "SlashingUnknownReplica", 2); // ordered, not shown yet
    await reverted(open(0, 0, a, { ...b, replica: 200 }), "SlashingUnknownReplica", 200);
  });

  it("refuses shards that do not conflict, and a second panel", async () => {
    const { net, job } = await conflicting({ items: 30n });
    const [a, b] = [await job.opening(0, 0, 0), await job.opening(0, 1, 0)];
    const { agreedMask } = await net.jobs.batch(job.id, 0);
    const agreed = [0, 1, 2].find((shard) => (agreedMask >> BigInt(shard)) & 1n)!;
    await expect(net.slashing.openConflict(job.terms, agreed, 0, a, b)).to.be.revertedWithCustomError(net.slashing, "SlashingNotConflicting").withArgs(job.id, agreed);
    const panel = await job.openConflict(0);
    await expect(net.slashing.openConflict(job.terms, 0, 0, a, b)).to.be.revertedWithCustomError(net.jobs, "JobsPanelBusy").withArgs(panel);
    await increase(SETTINGS.resolveWindow);
    await expect(net.slashing.openWholeConflict(job.terms, 0)).to.be.revertedWithCustomError(net.jobs, "JobsPanelBusy").withArgs(panel);
  });
});

describe("Slashing.judge", () => {
  it("convicts the replica whose leaf differs, pays prover and panel, and lets the shard go on", async () => {
    const { net, job, liar, holders } = await conflicting();
    const honest = holders.find((m) => m !== liar)!;
    const panel = await job.openConflict(0);
    await job.replace(0);
    const right = leafOf(0, job.digestOf(honest, 0, 0, 0));
    const tx = await job.verdict(panel);
    await expect(tx).to.emit(net.slashing, "VerdictReached").withArgs(job.id, 0, panel, right, 2);
    await expect(tx).to.emit(net.jobs, "ReplicaConvicted").withArgs(job.id, 0, 1);
    await expect(tx).to.emit(net.slashing, "SlashProposed").withArgs(1, job.id, await nodeOf(net, liar), 4, LOCK, (await now()) + SETTINGS.appealWindow, net.keeper.address);
    const slash = await net.slashing.slashOf(1);
    let payees = 0n;
    for (const [i, m] of job.committees.get(panel)!.entries()) payees |= (await nodeOf(net, m)) << BigInt(32 * i);
    expect([slash.proverReward, slash.panelReward, slash.panel]).to.deep.equal([R, R / 10n, payees]);
    expect((await job.shardCase(0)).status).to.equal(Shard.Agreed);
    await increase(SETTINGS.appealWindow);
    const before = (await stakeOf(net, job.committees.get(panel)![0]!)).free;
    await net.slashing.execute(1);
    expect((await stakeOf(net, job.committees.get(panel)![0]!)).free - before).to.equal(R / 10n);
    expect(await net.staking.rewardOf(net.keeper)).to.equal(R);
    await increase(job.terms.challengeWindow);
    await job.advance(0);
    expect(await earned(net, liar)).to.equal(0n);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("a panel member that shows something else than the verdict loses its lock", async () => {
    const { net, job } = await conflicting();
    const panel = await job.openConflict(0);
    await job.draw([panel]);
    const loser = job.committees.get(panel)![2]!;
    job.lie([loser], { taste: 9 });
    await job.play(panel);
    const tx = await job.judge(panel);
    await expect(tx).to.emit(net.slashing, "SlashProposed").withArgs(2, job.id, await nodeOf(net, loser), 4, LOCK, (await now()) + SETTINGS.appealWindow, ethers.ZeroAddress);
    expect((await stakeOf(net, loser)).frozen).to.equal(LOCK);
    const slash = await net.slashing.slashOf(2);
    expect([slash.prover, slash.proverReward, slash.panel]).to.deep.equal([ethers.ZeroAddress, 0n, 0n]);
    expect((await net.slashing.slashOf(1)).panel >> 64n).to.equal(0n); // two are paid
  });

  it("a panel that cannot decide is a tie: everyone is paid, the panel from the reserve, nobody slashed", async () => {
    const { net, job, holders } = await conflicting();
    const panel = await job.openConflict(0);
    await job.draw([panel]);
    for (const [i, m] of job.committees.get(panel)!.entries()) job.lie([m], { taste: 10 + i });
    await job.play(panel);
    await expect(job.judge(panel)).to.emit(net.slashing, "PanelTied").withArgs(job.id, 0, panel);
    expect((await job.shardCase(0)).status).to.equal(Shard.Tied);
    for (const m of holders) expect(await earned(net, m)).to.equal(REWARD);
    for (const m of job.committees.get(panel)!) expect(await earned(net, m)).to.equal(REWARD / 10n);
    expect(await net.slashing.slashCount()).to.equal(0n);
    const state = await job.state();
    expect([state.status, state.remaining, state.agreed]).to.deep.equal([Status.Refunded, 0n, 0n]);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("a panel of which nobody shows anything is a tie, and its members are punished", async () => {
    const { net, job } = await conflicting();
    const panel = await job.openConflict(0);
    await job.draw([panel]);
    await job.sleep();
    await expect(job.judge(panel)).to.emit(net.slashing, "PanelTied");
    for (const p of [0, 1, 2]) await net.slashing.punish(job.terms, panel, p);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("two of three that agree on a lie are both convicted, and the honest one is joined by two others", async () => {
    const { net, job } = await drawn({ items: 10n, replicas: 3n });
    const [honest, ...liars] = job.committees.get(0)!;
    job.lie(liars);
    await job.play(0);
    await job.settle(0);
    const panel = await job.openConflict(0);
    await job.verdict(panel);
    const c = await job.shardCase(0);
    expect([c.convictedMask, c.conflicting, c.status]).to.deep.equal([6n, false, Shard.Pending]);
    expect(await net.slashing.slashCount()).to.equal(2n);
    expect((await net.slashing.slashOf(1)).panel).to.not.equal(0n);
    expect((await net.slashing.slashOf(2)).panel).to.equal(0n); // the first of the convicted pays the panel
    await job.replace(0);
    await job.replace(0);
    expect((await job.shardCase(0)).status).to.equal(Shard.Agreed);
    await increase(job.terms.challengeWindow);
    await job.advance(0);
    expect(await earned(net, honest!)).to.equal(REWARD);
    for (const m of liars) expect(await earned(net, m!)).to.equal(0n);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("both are convicted where neither shows what the panel finds", async () => {
    const { net, job } = await drawn({ items: 10n });
    const [a, b] = job.committees.get(0)!;
    job.lie([a!], { taste: 1 });
    job.lie([b!], { taste: 2 });
    await job.play(0);
    await job.settle(0);
    await job.verdict(await job.openConflict(0));
    expect((await job.shardCase(0)).convictedMask).to.equal(3n);
    await job.replace(0);
    await job.replace(0);
    await increase(job.terms.challengeWindow);
    await job.advance(0);
    expect((await job.state()).status).to.equal(Status.Completed);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("a third root that nobody opened is not judged, and may be opened next", async () => {
    const { net, job } = await drawn({ items: 10n, replicas: 3n });
    const [, b, c] = job.committees.get(0)!;
    job.lie([b!]);
    job.lie([c!], { item: 1 });
    await job.play(0);
    await job.settle(0);
    await job.verdict(await job.openConflict(0, 0, [0, 1]));
    let state = await job.shardCase(0);
    expect([state.convictedMask, state.conflicting, state.panel]).to.deep.equal([2n, true, 0n]);
    // a convicted replica cannot be opened again
    await expect(net.slashing.openConflict(job.terms, 0, 0, await job.opening(0, 0, 0), await job.opening(0, 1, 0)))
      .to.be.revertedWithCustomError(net.slashing, "SlashingUnknownReplica").withArgs(1);
    await job.verdict(await job.openConflict(0, 1, [0, 2]));
    state = await job.shardCase(0);
    expect([state.convictedMask, state.conflicting]).to.deep.equal([6n, false]);
    await job.replace(0);
    await job.replace(0);
    await increase(job.terms.challengeWindow);
    await job.advance(0);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("convicts nobody of a case that was given up, but holds the panel to its word", async () => {
    const { net, job, liar } = await conflicting();
    const panel = await job.openConflict(0);
    await job.draw([panel]);
    const loser = job.committees.get(panel)![0]!;
    job.lie([loser], { taste: 4 });
    await job.play(panel);
    await increase(SETTINGS.resolveWindow * 3n);
    await job.advance(0);
    await expect(job.judge(panel)).to.emit(net.slashing, "VerdictReached");
    expect((await stakeOf(net, liar)).frozen).to.equal(0n);
    expect((await stakeOf(net, loser)).frozen).to.equal(LOCK);
    await expectAllFree(net);
  });

  it("a tie of a case that was given up pays no panel from a reserve that is gone", async () => {
    const { net, job } = await conflicting();
    const panel = await job.openConflict(0);
    await job.draw([panel]);
    await job.play(panel, { silent: [0, 1] });
    await increase(SETTINGS.resolveWindow * 3n);
    await job.advance(0);
    await expect(job.judge(panel)).to.emit(net.slashing, "PanelTied");
    expect(await earned(net, job.committees.get(panel)![2]!)).to.equal(0n);
    for (const p of [0, 1]) await net.slashing.punish(job.terms, panel, p);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("waits for the panel, takes exactly what it showed, and knows its panels", async () => {
    const { net, job } = await conflicting();
    const panel = await job.openConflict(0);
    const judge = (results: string[]) => net.slashing.judge(job.terms, panel, results);
    await expect(judge([])).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(job.id, panel, 0);
    await job.draw([panel]);
    await expect(judge([])).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly");
    await job.play(panel, { silent: [1] });
    const [first, , third] = (await job.lists(panel)).map((list) => list[0]!);
    await expect(judge([first!])).to.be.revertedWithCustomError(net.jobs, "JobsWrongCount").withArgs(1, 3);
    await expect(judge([first!, first!, third!])).to.be.revertedWithCustomError(net.jobs, "JobsWrongLists").withArgs(1);
    await expect(judge([first!, ethers.ZeroHash, ethers.id("x")])).to.be.revertedWithCustomError(net.jobs, "JobsWrongLists").withArgs(2);
    await expect(net.slashing.judge(job.terms, EXTRA, [])).to.be.revertedWithCustomError(net.slashing, "SlashingUnknownPanel").withArgs(job.id, EXTRA);
    await judge([first!, ethers.ZeroHash, third!]);
  });
});

describe("Slashing.openWholeConflict", () => {
  it("is for conflicts that nobody opened in time: a panel executes the whole shard and is paid R each", async () => {
    const { net, job, liar } = await conflicting();
    const { since } = await job.shardCase(0);
    await expect(job.openWholeConflict(0)).to.be.revertedWithCustomError(net.slashing, "SlashingTooEarly").withArgs(since + SETTINGS.resolveWindow);
    await increase(SETTINGS.resolveWindow);
    const panel = await job.openWholeConflict(0);
    await expect(job.verdict(panel)).to.emit(net.slashing, "VerdictReached").withArgs(job.id, 0, panel, await net.jobs.caseRoot(job.id, 0, 0), 2);
    const slash = await net.slashing.slashOf(1);
    expect([slash.node, slash.amount, slash.panelReward]).to.deep.equal([await nodeOf(net, liar), LOCK, R]);
    await job.replace(0);
    await increase(job.terms.challengeWindow);
    await job.advance(0);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("convicts every replica that shows another root", async () => {
    const { job } = await drawn({ items: 10n, replicas: 3n });
    const [, b, c] = job.committees.get(0)!;
    job.lie([b!], { taste: 1 });
    job.lie([c!], { taste: 2 });
    await job.play(0);
    await job.settle(0);
    await increase(SETTINGS.resolveWindow);
    await job.verdict(await job.openWholeConflict(0));
    expect((await job.shardCase(0)).convictedMask).to.equal(6n);
  });

  it("is refused where nothing conflicts", async () => {
    const { net, job } = await drawn({ items: 10n });
    await expect(job.openWholeConflict(0)).to.be.revertedWithCustomError(net.slashing, "SlashingNotConflicting").withArgs(job.id, 0);
    await job.play(0, { absent: [0] });
    await job.settle(0);
    await increase(SETTINGS.resolveWindow);
    await expect(job.openWholeConflict(0)).to.be.revertedWithCustomError(net.slashing, "SlashingNotConflicting").withArgs(job.id, 0);
  });
});
