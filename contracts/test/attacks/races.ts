import { expect } from "chai";
import { networkHelpers } from "../core.fixture.ts";
import { Shard, conflicting, drawn, increase, now } from "../job.books.ts";
import { EXTRA } from "../network.fixture.ts";

/** The next transaction is mined at this time. */
const at = (time: bigint) => networkHelpers.time.increaseTo(time - 1n);

describe("Attack: races for a second", () => {
  it("the second in which the commit window ends belongs to reveals", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.commit(0, 0);
    const end = (await net.jobs.batch(job.id, 0)).drawnAt + job.terms.commitWindow;
    await at(end);
    await expect(job.commit(0, 1)).to.be.revertedWithCustomError(net.jobs, "JobsTooLate").withArgs(end);
    await job.reveal(0, 0);
    expect(await now()).to.equal(end);
  });

  it("the second in which the reveal window ends belongs to settlement", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.commit(0, 0);
    await job.commit(0, 1);
    const end = (await now()) + job.terms.revealWindow;
    await at(end);
    await expect(job.reveal(0, 0)).to.be.revertedWithCustomError(net.jobs, "JobsTooLate").withArgs(end);
    await job.settle(0);
    expect(await now()).to.equal(end);
  });

  it("the second in which a case ends belongs to its end, not to a draw", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { absent: [0] });
    await job.settle(0);
    const { deadline } = await job.shardCase(0);
    await at(deadline);
    await expect(net.jobs.draw(job.terms, [EXTRA])).to.be.revertedWithCustomError(net.jobs, "JobsTooLate").withArgs(deadline);
    await job.advance(0);
    expect(await now()).to.equal(deadline);
  });

  it("a panel has a whole resolve window after its reveals in which nobody can give its case up", async () => {
    const { net, job } = await conflicting();
    const panel = await job.openConflict(0);
    const { deadline } = await job.shardCase(0);
    await networkHelpers.time.increaseTo(deadline - 20n);
    await job.draw([panel]);
    const counted = (await net.jobs.batch(job.id, panel)).drawnAt + job.terms.commitWindow + job.terms.revealWindow;
    expect((await job.shardCase(0)).deadline).to.equal(counted + 3_600n);
  });

  it("cranks that come second change nothing", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { absent: [0] });
    await job.settle(0);
    await expect(job.settle(0)).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase");
    await job.replace(0);
    await expect(job.settle(EXTRA)).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase");
    await increase(job.terms.challengeWindow);
    await job.advance(0);
    await expect(job.advance(0)).to.be.revertedWithCustomError(net.jobs, "JobsWrongShardStatus").withArgs(job.id, 0, Shard.Final);
    await net.slashing.punish(job.terms, 0, 0);
    await expect(net.slashing.punish(job.terms, 0, 0)).to.be.revertedWithCustomError(net.jobs, "JobsNoFault");
  });
});
