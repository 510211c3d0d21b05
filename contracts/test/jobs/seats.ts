import { expect } from "chai";
import { nextEpoch, networkHelpers } from "../core.fixture.ts";
import { Phase, Status, drawn, ethers, increase, load, now, opened } from "../job.books.ts";
import { EXTRA, termsOf } from "../network.fixture.ts";
import { ResultJob } from "../result.driver.ts";

const DATA = ethers.id("data");
const anything = ethers.id("anything");

describe("Jobs.draw", () => {
  it("draws the committees of several batches and makes their slots busy", async () => {
    const { net, job } = await opened({ items: 400n, commitWindow: 2_000n });
    const tx = job.draw([1, 0]);
    await expect(tx).to.emit(net.jobs, "BatchDrawn");
    const [first, second] = await Promise.all([0, 1].map((b) => net.jobs.batch(job.id, b)));
    expect([first!.phase, first!.load, second!.phase, second!.load]).to.deep.equal([Phase.Drawn, 8n, Phase.Drawn, 2n]);
    expect(new Set(job.committees.get(0)).size).to.equal(8);
    const state = await job.state();
    expect([state.status, state.drawn]).to.deep.equal([Status.Active, 40n]);
    let busy = 0n;
    for (let m = 0; m < 12; m++) busy += (await net.pools.member(net.pool, m)).busy;
    expect(busy).to.equal(8n * (8n + 2n) * 4n); // members × loads × slots of a lock
  });

  it("refuses batches that the job does not have", async () => {
    const { net, job } = await opened({ items: 400n, commitWindow: 2_000n });
    await networkHelpers.mine(2);
    for (const batch of [2, EXTRA - 1, EXTRA, EXTRA + 1, 0xffff]) {
      await expect(net.jobs.draw(job.terms, [batch]), String(batch)).to.be.revertedWithCustomError(net.jobs, "JobsUnknownBatch").withArgs(batch);
    }
  });

  it("draws in the last second before the deadline and not after it", async () => {
    const net = await load();
    await nextEpoch();
    const job = new ResultJob(net, await termsOf(net, { deadline: (await now()) + 60n }));
    await job.open();
    await networkHelpers.mine(2);
    await networkHelpers.time.increaseTo(job.terms.deadline);
    await expect(net.jobs.draw(job.terms, [0])).to.be.revertedWithCustomError(net.jobs, "JobsDeadlinePassed").withArgs(job.terms.deadline);
    await networkHelpers.mine(1);
    await net.jobs.expire(job.terms);

    await nextEpoch();
    const other = new ResultJob(net, await termsOf(net, { nonce: 2n, deadline: (await now()) + 60n }));
    await other.open();
    await networkHelpers.mine(2);
    await networkHelpers.time.increaseTo(other.terms.deadline - 1n);
    await net.jobs.draw(other.terms, [0]);
    expect((await net.jobs.batch(other.id, 0)).drawnAt).to.equal(other.terms.deadline);
  });

  it("says how many could be drawn when too few can", async () => {
    const { net, job } = await opened({ items: 80n });
    for (let m = 0; m < 6; m++) await net.pools.connect(net.providers[m]!).setPaused(net.pool, m, true);
    await nextEpoch();
    await networkHelpers.mine(2);
    await net.jobs.draw(job.terms, [0]); // names a new round
    await networkHelpers.mine(2);
    await expect(net.jobs.draw(job.terms, [0])).to.be.revertedWithCustomError(net.pools, "PoolsTooFewEligible").withArgs(net.pool, 6, 8);
  });

  it("needs a job", async () => {
    const net = await load();
    const terms = await termsOf(net);
    await expect(net.jobs.draw(terms, [0])).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus").withArgs(await net.jobs.jobId(terms), Status.None);
  });
});

describe("Jobs.commit", () => {
  it("keeps the commitment with its time, and says so", async () => {
    const { net, job } = await drawn();
    const commitment = await job.commitment(0, 0);
    await expect(job.commit(0, 0)).to.emit(net.jobs, "Committed").withArgs(job.id, 0, 0, commitment);
    const word = BigInt(await net.jobs.seatWord(job.id, 0, 0));
    expect(word >> 32n).to.equal(BigInt(commitment) >> 32n);
    expect(word & 0xffffffffn).to.equal(await now());
    expect((await net.jobs.batch(job.id, 0)).committedMask).to.equal(1n);
  });

  it("is open until the commit window ends, not in that second", async () => {
    const { net, job } = await drawn();
    const { drawnAt } = await net.jobs.batch(job.id, 0);
    const end = drawnAt + job.terms.commitWindow;
    await networkHelpers.time.increaseTo(end - 2n);
    await job.commit(0, 0);
    expect(await now()).to.equal(end - 1n);
    await expect(job.commit(0, 1)).to.be.revertedWithCustomError(net.jobs, "JobsTooLate").withArgs(end);
    await expect(job.decline(0, 1, 1)).to.be.revertedWithCustomError(net.jobs, "JobsTooLate").withArgs(end);
  });

  it("is the seat's operator's, once, in a drawn batch, and not empty", async () => {
    const { net, job } = await drawn();
    const operator = job.operator(job.committees.get(0)![0]!);
    const commit = (batch: number, position: number, word: string, signer = operator) => net.jobs.connect(signer).commit(job.terms, batch, position, word);
    await expect(commit(0, 0, ethers.ZeroHash)).to.be.revertedWithCustomError(net.jobs, "JobsZeroCommitment");
    await expect(commit(0, 0, `0x${"00".repeat(28)}ffffffff`)).to.be.revertedWithCustomError(net.jobs, "JobsZeroCommitment");
    await expect(commit(1, 0, anything)).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(job.id, 1, 0);
    await expect(commit(0, 1, anything)).to.be.revertedWithCustomError(net.jobs, "JobsNotSeated").withArgs(job.id, 0, 1, operator.address);
    for (const position of [4, 8, 255]) {
      await expect(commit(0, position, anything)).to.be.revertedWithCustomError(net.jobs, "JobsNotSeated").withArgs(job.id, 0, position, operator.address);
    }
    await commit(0, 0, anything);
    await expect(commit(0, 0, anything)).to.be.revertedWithCustomError(net.jobs, "JobsAlreadyActed").withArgs(job.id, 0, 0);
    await expect(job.decline(0, 0, 1)).to.be.revertedWithCustomError(net.jobs, "JobsAlreadyActed").withArgs(job.id, 0, 0);
  });
});

describe("Jobs.decline", () => {
  it("gives the seat up with a reason, for ever", async () => {
    const { net, job } = await drawn();
    await expect(job.decline(0, 2, 77)).to.emit(net.jobs, "Declined").withArgs(job.id, 0, 2, 77);
    expect(await net.jobs.faultOf(job.id, 0, 2)).to.deep.equal([1n, 77n]);
    await expect(job.commit(0, 2)).to.be.revertedWithCustomError(net.jobs, "JobsAlreadyActed");
    await expect(job.reveal(0, 2)).to.be.revertedWithCustomError(net.jobs, "JobsNotSeated");
    await expect(net.slashing.punish(job.terms, 0, 2)).to.be.revertedWithCustomError(net.jobs, "JobsNoFault"); // not settled yet
  });

  it("waives every reason that k members give, and no other", async () => {
    const { net, job } = await drawn({ items: 80n });
    for (const [position, reason] of [1, 1, 2, 2, 3].entries()) await job.decline(0, position, reason);
    for (const position of [5, 6]) await job.commit(0, position);
    await job.reveal(0, 7);
    for (const position of [5, 6]) await job.reveal(0, position);
    await job.settle(0);
    for (const position of [0, 1, 2, 3]) expect(await net.jobs.faultOf(job.id, 0, position)).to.deep.equal([0n, 0n]);
    expect(await net.jobs.faultOf(job.id, 0, 4)).to.deep.equal([1n, 3n]);
  });
});

describe("Jobs.reveal", () => {
  it("needs the commitment's roots, data and salt", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.commit(0, 0);
    await job.commit(0, 1);
    const roots = await job.roots(0, 0);
    const reveal = (r: string[], data: string, salt: string) => net.jobs.connect(net.keeper).reveal(job.terms, 0, 0, r, data, salt);
    for (const [r, data, salt] of [[[anything], DATA, job.salt(0, 0)], [roots, anything, job.salt(0, 0)], [roots, DATA, anything]] as const) {
      await expect(reveal([...r], data, salt)).to.be.revertedWithCustomError(net.jobs, "JobsWrongReveal");
    }
    // the commitment is enough: anybody may carry the reveal
    await expect(reveal(roots, DATA, job.salt(0, 0))).to.emit(net.jobs, "Revealed").withArgs(job.id, 0, 0, roots, DATA);
    expect(BigInt(await net.jobs.seatWord(job.id, 0, 0)) >> 32n).to.equal(BigInt(ethers.keccak256(ethers.concat(roots))) >> 32n);
    await expect(reveal(roots, DATA, job.salt(0, 0))).to.be.revertedWithCustomError(net.jobs, "JobsAlreadyActed").withArgs(job.id, 0, 0);
  });

  it("begins when everybody has acted and ends a window later, not in that second", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.commit(0, 0);
    await job.commit(0, 1);
    const end = (await now()) + job.terms.revealWindow;
    await networkHelpers.time.increaseTo(end - 2n);
    await job.reveal(0, 0);
    await expect(job.reveal(0, 1)).to.be.revertedWithCustomError(net.jobs, "JobsTooLate").withArgs(end);
    await job.settle(0);
    expect(await net.jobs.faultOf(job.id, 0, 1)).to.deep.equal([3n, 0n]);
  });

  it("begins with the end of the commit window where somebody is missing", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.commit(0, 0);
    const commitEnd = (await net.jobs.batch(job.id, 0)).drawnAt + job.terms.commitWindow;
    await networkHelpers.time.increaseTo(commitEnd - 2n);
    await expect(job.reveal(0, 0)).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly").withArgs(commitEnd);
    await increase(1n);
    await job.reveal(0, 0);
    expect(await now()).to.equal(commitEnd);
    await expect(job.reveal(0, 1)).to.be.revertedWithCustomError(net.jobs, "JobsTooLate").withArgs(commitEnd);
    const end = commitEnd + job.terms.revealWindow;
    await expect(job.settle(0)).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly").withArgs(end);
    await networkHelpers.time.increaseTo(end - 1n);
    await job.settle(0);
    expect(await net.jobs.faultOf(job.id, 0, 1)).to.deep.equal([2n, 0n]);
  });

  it("needs no commitment of the last member, who has seen nobody's roots", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.decline(0, 0, 1);
    await expect(job.reveal(0, 1)).to.emit(net.jobs, "Revealed");
    const { committedMask, revealedMask } = await net.jobs.batch(job.id, 0);
    expect([committedMask, revealedMask]).to.deep.equal([2n, 3n]);
  });

  it("is refused outside a drawn batch, without a commitment, with wrong or empty roots", async () => {
    const { net, job } = await drawn({ items: 10n });
    const operator = job.operator(job.committees.get(0)![0]!);
    const reveal = (batch: number, position: number, roots: string[]) => net.jobs.connect(operator).reveal(job.terms, batch, position, roots, DATA, anything);
    await expect(reveal(EXTRA, 0, [anything])).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(job.id, EXTRA, 0);
    await expect(reveal(0, 0, [anything])).to.be.revertedWithCustomError(net.jobs, "JobsNotSeated").withArgs(job.id, 0, 0, operator.address);
    await expect(reveal(0, 0, [])).to.be.revertedWithCustomError(net.jobs, "JobsWrongCount").withArgs(0, 1);
    await expect(reveal(0, 0, [ethers.ZeroHash])).to.be.revertedWithCustomError(net.jobs, "JobsZeroRoot").withArgs(0);
    await expect(reveal(0, 255, [anything])).to.be.revert(ethers);
  });
});

describe("Jobs.settle", () => {
  it("takes exactly the lists that were shown", async () => {
    const { net, job } = await drawn();
    await job.play(0, { silent: [3] });
    const lists = await job.lists(0);
    const settle = (given: string[][]) => net.jobs.settle(job.terms, 0, given);
    await expect(settle(lists.slice(1))).to.be.revertedWithCustomError(net.jobs, "JobsWrongCount").withArgs(3, 4);
    const wrong: [string[][], number][] = [
      [[lists[1]!, lists[0]!, lists[2]!, []], 0],
      [[lists[0]!, lists[1]!, [], []], 2],
      [[lists[0]!, lists[1]!, lists[2]!.slice(1), []], 2],
      [[lists[0]!, lists[1]!, lists[2]!, [anything]], 3],
    ];
    for (const [given, position] of wrong) {
      await expect(settle(given)).to.be.revertedWithCustomError(net.jobs, "JobsWrongLists").withArgs(position);
    }
    await expect(settle(lists)).to.emit(net.jobs, "FaultFound").withArgs(job.id, 0, 3, 3);
    await expect(settle(lists)).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(job.id, 0, 2);
  });

  it("says roots of agreed shards and zero for others", async () => {
    const { net, job } = await drawn();
    const liar = job.committees.get(0)![0]!;
    job.lie([liar]);
    await job.play(0);
    const own = await job.shardsOf(0, 0);
    let mask = 0n;
    const roots = await Promise.all([0, 1, 2, 3].map(async (shard) => {
      if (own.includes(shard)) return ethers.ZeroHash;
      mask |= 1n << BigInt(shard);
      const position = (await job.holders(shard)).map((m) => job.position(0, m))[0]!;
      return (await job.roots(0, position))[(await job.shardsOf(0, position)).indexOf(shard)]!;
    }));
    await expect(job.settle(0)).to.emit(net.jobs, "BatchSettled").withArgs(job.id, 0, mask, roots);
    expect((await net.jobs.batch(job.id, 0)).agreedMask).to.equal(mask);
  });

  it("judges panels nowhere but in Slashing", async () => {
    const { net, job } = await drawn({ items: 10n });
    const liar = job.committees.get(0)![1]!;
    job.lie([liar]);
    await job.play(0);
    await job.settle(0);
    const panel = await job.openConflict(0);
    await job.playExtra(panel);
    await expect(net.jobs.settle(job.terms, panel, await job.lists(panel))).to.be.revertedWithCustomError(net.jobs, "JobsUnknownBatch").withArgs(panel);
  });
});
