import { expect } from "chai";
import { drawn, ethers } from "../job.books.ts";
import { EXTRA } from "../network.fixture.ts";

const DATA = ethers.id("data");

describe("Attack: copying", () => {
  it("a copied commitment opens nothing: it binds the position", async () => {
    const { net, job } = await drawn({ items: 10n });
    const [victim, thief] = job.committees.get(0)!.map((m) => job.operator(m));
    const copied = await job.commitment(0, 0);
    await job.commit(0, 0);
    await net.jobs.connect(thief!).commit(job.terms, 0, 1, copied);
    await job.reveal(0, 0);
    // the thief now knows roots and salt, and still cannot open what it committed to
    await expect(net.jobs.connect(thief!).reveal(job.terms, 0, 1, await job.roots(0, 0), DATA, job.salt(0, 0)))
      .to.be.revertedWithCustomError(net.jobs, "JobsWrongReveal");
    expect(victim!.address).to.not.equal(thief!.address);
  });

  it("a reveal cannot be copied into a commitment: commits are over before the first reveal", async () => {
    const { net, job } = await drawn({ items: 30n, replicas: 3n });
    await job.commit(0, 0);
    await job.commit(0, 1);
    // one seat has not committed: nobody may reveal yet
    await expect(job.reveal(0, 0)).to.be.revertedWithCustomError(net.jobs, "JobsTooEarly");
    await job.reveal(0, 2); // the last reveals directly; all others are bound already
    await expect(job.commit(0, 1)).to.be.revertedWithCustomError(net.jobs, "JobsAlreadyActed").withArgs(job.id, 0, 1);
    await job.reveal(0, 0);
    await job.reveal(0, 1);
  });

  it("a direct reveal is the seat's operator's alone", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.commit(0, 0);
    await expect(net.jobs.connect(net.keeper).reveal(job.terms, 0, 1, await job.roots(0, 1), DATA, ethers.ZeroHash))
      .to.be.revertedWithCustomError(net.jobs, "JobsNotSeated").withArgs(job.id, 0, 1, net.keeper.address);
  });

  it("a member with several seats cannot leave out or add roots", async () => {
    const { net, job } = await drawn();
    const [operator, roots] = [job.operator(job.committees.get(0)![0]!), await job.roots(0, 0)];
    await job.commit(0, 1);
    await job.commit(0, 2);
    await job.commit(0, 3);
    for (const wrong of [roots.slice(1), [...roots, roots[0]!], []]) {
      await expect(net.jobs.connect(operator).reveal(job.terms, 0, 0, wrong, DATA, ethers.ZeroHash))
        .to.be.revertedWithCustomError(net.jobs, "JobsWrongCount").withArgs(wrong.length, 2);
    }
    await expect(net.jobs.connect(operator).reveal(job.terms, 0, 0, [roots[0]!, ethers.ZeroHash], DATA, ethers.ZeroHash))
      .to.be.revertedWithCustomError(net.jobs, "JobsZeroRoot").withArgs(1);
    expect(await net.jobs.EXTRA()).to.equal(EXTRA);
  });
});
