import { expect } from "chai";
import { SLOT, ethers, networkHelpers } from "./core.fixture.ts";
import { JobDriver } from "./job.driver.ts";
import { REWARD, deployNetwork, termsOf } from "./network.fixture.ts";

const load = () => networkHelpers.loadFixture(deployNetwork);

/** A fresh network with one opened job. */
async function opened(over: Record<string, unknown> = {}) {
  const net = await load();
  const job = new JobDriver(net, await termsOf(net, over));
  await job.open();
  return { net, job };
}

describe("Jobs", () => {
  describe("a job in which nobody fails", () => {
    for (const [shards, replicas] of [[1, 2], [4, 2], [13, 3], [32, 2], [45, 2]] as const) {
      it(`pays ${replicas} replicas of each of ${shards} shards`, async () => {
        const { net, job } = await opened({ items: BigInt(shards) * 10n, replicas: BigInt(replicas), commitWindow: 2_000n });
        const batches = shards > 32 ? [0, 1] : [0];
        await job.draw(batches);
        for (const b of batches) {
          await job.play(b);
          await job.settle(b);
        }
        await job.finalise(batches);
        expect((await job.state()).status).to.equal(3n);
        expect((await job.state()).remaining).to.equal(0n);
        let earned = 0n;
        for (const p of net.providers) earned += await net.jobs.earningsOf(net.usdc, await net.staking.nodeOf(p));
        expect(earned).to.equal(REWARD * BigInt(shards * replicas));
        for (let m = 0; m < net.providers.length; m++) {
          expect((await net.pools.member(net.pool, m)).busy, `member ${m} busy`).to.equal(0n);
        }
        const treasury = await net.jobs.creditOf(net.usdc, net.timelock);
        expect(treasury).to.equal(earned / 20n);
        expect(await net.jobs.creditOf(net.usdc, net.client)).to.equal(100_000_000_000n - earned - treasury);
        expect(await net.jobs.liabilities(net.usdc)).to.equal(await net.usdc.balanceOf(net.jobs));
      });
    }
  });

  describe("a liar", () => {
    it("is convicted by a panel on one differing item, and the shard agrees through a replacement", async () => {
      const { net, job } = await opened({ items: 1n, itemsPerShard: 1n, unitsPerShard: 1n });
      const leaf = (digest: string) => ethers.solidityPackedKeccak256(["uint64", "bytes32"], [0, digest]);
      const [right, wrong] = [ethers.id("right"), ethers.id("wrong")];
      await job.draw([0]);
      const liar = job.committees.get(0)![1]!;
      job.rootOf = (member) => leaf(member === liar ? wrong : right);
      await job.play(0);
      await expect(job.settle(0)).to.emit(net.jobs, "ShardChanged").withArgs(job.id, 0, 1, true, leaf(right));

      await expect(net.slashing.connect(net.keeper).openConflict(
        job.terms, 0, 0, { replica: 0, resultDigest: right, proof: [] }, { replica: 1, resultDigest: wrong, proof: [] },
      )).to.emit(net.slashing, "ConflictOpened");
      const [replacement, panel] = [1 << 15, (1 << 15) + 1];
      await job.playExtra(replacement);
      await job.settle(replacement);
      await job.playExtra(panel);
      const results = (await job.lists(panel)).map((list) => list[0] ?? ethers.ZeroHash);
      const liarNode = await net.staking.nodeOf(net.providers[liar]!);
      await expect(net.slashing.judge(job.terms, panel, results))
        .to.emit(net.slashing, "SlashProposed").withArgs(1, job.id, liarNode, 4, anyLock(net), anyValue, net.keeper.address);
      await networkHelpers.time.increase(job.terms.challengeWindow);
      await job.advance(0);
      expect((await job.state()).status).to.equal(3n);

      const before = (await net.staking.stakeOf(liarNode)).frozen;
      expect(before).to.be.greaterThan(0n);
      await networkHelpers.time.increase(3 * 86_400);
      await expect(net.slashing.execute(1)).to.emit(net.staking, "StakeSlashed");
      expect((await net.staking.stakeOf(liarNode)).frozen).to.equal(0n);
      expect(await net.jobs.earningsOf(net.usdc, liarNode)).to.equal(0n);
      expect(await net.staking.rewardOf(net.keeper)).to.be.greaterThan(0n);
      for (let m = 0; m < net.providers.length; m++) {
        expect((await net.pools.member(net.pool, m)).busy, `member ${m} busy`).to.equal(0n);
      }
    });
  });

  describe("a silent member", () => {
    it("loses the lock of all its seats while others replace it", async () => {
      const { net, job } = await opened();
      await job.draw([0]);
      await job.play(0, { silent: [2] });
      await job.settle(0);
      const unhappy = await job.shardsOf(0, 2);
      expect(unhappy.length).to.equal(2);
      for (const [i] of unhappy.entries()) {
        await job.playExtra((1 << 15) + i);
        await job.settle((1 << 15) + i);
      }
      await net.slashing.connect(net.keeper).punish(job.terms, 0, 2);
      await expect(net.slashing.punish(job.terms, 0, 2)).to.be.revertedWithCustomError(net.jobs, "JobsNoFault");
      await job.finalise([0]);
      for (const shard of unhappy) await job.advance(shard);
      expect((await job.state()).status).to.equal(3n);
      for (let m = 0; m < net.providers.length; m++) {
        expect((await net.pools.member(net.pool, m)).busy, `member ${m} busy`).to.equal(0n);
      }
      const node = await net.staking.nodeOf(net.providers[job.committees.get(0)![2]!]!);
      expect((await net.staking.stakeOf(node)).frozen).to.equal(BigInt(unhappy.length) * 4n * SLOT);
    });
  });
});

const anyValue = () => true;
const anyLock = (_net: unknown) => 4n * SLOT;
