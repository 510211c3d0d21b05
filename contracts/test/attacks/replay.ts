import { expect } from "chai";
import { networkHelpers } from "../core.fixture.ts";
import { drawn, ethers, load } from "../job.books.ts";
import { EXTRA, termsOf } from "../network.fixture.ts";
import { ResultJob } from "../result.driver.ts";

const DATA = ethers.id("data");
const TYPEHASH = ethers.id("InfernetCommit(uint256 chainId,address jobs,bytes32 jobId,uint256 batch,uint256 position,bytes32 rootsHash,bytes32 dataDigest,bytes32 salt)");
const SALT = ethers.id("salt");

describe("Attack: replay", () => {
  it("a commitment made for another chain, contract, job, batch or position opens nothing", async () => {
    const { net, job } = await drawn({ items: 10n });
    const roots = await job.roots(0, 0);
    const rootsHash = ethers.keccak256(ethers.concat(roots));
    const own = { chainId: 31337n, jobs: await net.jobs.getAddress(), id: job.id, batch: 0n, position: 0n };
    const hash = (v: typeof own) => ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "uint256", "address", "bytes32", "uint256", "uint256", "bytes32", "bytes32", "bytes32"],
      [TYPEHASH, v.chainId, v.jobs, v.id, v.batch, v.position, rootsHash, DATA, SALT],
    ));
    const operator = job.operator(job.committees.get(0)![0]!);
    const others = [{ chainId: 137n }, { jobs: net.keeper.address }, { id: ethers.id("other") }, { batch: 1n }, { position: 1n }, {}];
    for (const over of others) {
      const snapshot = await networkHelpers.takeSnapshot();
      await net.jobs.connect(operator).commit(job.terms, 0, 0, hash({ ...own, ...over }));
      await job.commit(0, 1);
      const reveal = net.jobs.connect(operator).reveal(job.terms, 0, 0, roots, DATA, SALT);
      if (Object.keys(over).length === 0) await reveal;
      else await expect(reveal, JSON.stringify(Object.keys(over))).to.be.revertedWithCustomError(net.jobs, "JobsWrongReveal");
      await snapshot.restore();
    }
  });

  it("equal terms name another job on another contract", async () => {
    const one = await load();
    const terms = await termsOf(one);
    const id = await one.jobs.jobId(terms);
    const coder = ethers.AbiCoder.defaultAbiCoder();
    const type = one.jobs.interface.getFunction("jobId").inputs[0]!;
    const on = (chainId: number, jobs: string) => ethers.keccak256(coder.encode(["uint256", "address", type], [chainId, jobs, terms]));
    expect(on(31337, await one.jobs.getAddress())).to.equal(id);
    expect(on(137, await one.jobs.getAddress())).to.not.equal(id);
    expect(on(31337, one.keeper.address)).to.not.equal(id);
  });

  it("what is said about one job moves no other: every call names its job by its terms", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { silent: [1] });
    await job.settle(0);
    const other = new ResultJob(net, await termsOf(net, { items: 10n, nonce: 2n }));
    await other.open();
    const foreign = other.terms;
    for (const call of [net.jobs.settle(foreign, 0, []), net.jobs.finalise(foreign, [0])]) {
      await expect(call).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase");
    }
    await expect(net.slashing.punish(foreign, 0, 1)).to.be.revertedWithCustomError(net.jobs, "JobsNoFault");
    await expect(net.jobs.advance(foreign, 0)).to.be.revertedWithCustomError(net.jobs, "JobsWrongShardStatus").withArgs(other.id, 0, 0);
    await expect(net.slashing.judge(foreign, EXTRA, [])).to.be.revertedWithCustomError(net.slashing, "SlashingUnknownPanel");
  });

  it("terms with one word changed are another job, and there is none", async () => {
    const { net, job } = await drawn();
    for (const over of [{ shardReward: job.terms.shardReward * 2n }, { client: net.keeper.address }, { challengeWindow: 0n }, { token: await net.infer.getAddress() }, { items: 0n, itemsPerShard: 1n }]) {
      const forged = { ...job.terms, ...over };
      await expect(net.jobs.draw(forged, [0])).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus");
      await expect(net.jobs.settle(forged, 0, [])).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase");
      await expect(net.jobs.finalise(forged, [0])).to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase");
      await net.jobs.finalise(forged, []); // nothing to do, nothing done
      await expect(net.jobs.expire(forged)).to.be.revertedWithCustomError(net.jobs, "JobsWrongStatus");
    }
    expect((await job.state()).status).to.equal(2n);
  });
});
