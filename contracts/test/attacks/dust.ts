import { expect } from "chai";
import { DAY, SLOT, nextEpoch } from "../core.fixture.ts";
import { Shard, Status, drawn, earnedByAll, ethers, expectAllFree, expectBalanced, increase, load, openedWithAggregator } from "../job.books.ts";
import { NO_QUOTE, SETTINGS, STAKE_RATE, USDC, termsOf } from "../network.fixture.ts";
import { ResultJob } from "../result.driver.ts";

/** Most gas that a transaction may use on a chain with EIP-7825. */
const MOST_GAS = 1n << 24n;

describe("Attack: dust, overflow and size", () => {
  it("a job of one base unit a replica keeps its books", async () => {
    const { net, job } = await openedWithAggregator({ shardReward: 1n, items: 33n, itemsPerShard: 10n });
    await job.draw([0]);
    const [liar] = job.committees.get(0)!;
    job.lie([liar!]);
    await job.play(0);
    await job.settle(0);
    for (const shard of await job.shardsOf(0, 0)) {
      const panel = await job.openConflict(shard);
      await job.draw([panel]);
      for (let p = 0; p < 3; p++) await job.decline(panel, p, 1);
      await job.judge(panel);
      expect((await job.shardCase(shard)).status).to.equal(Shard.Tied);
    }
    await job.finalise([0]);
    const state = await job.state();
    expect([state.status, state.remaining]).to.deep.equal([Status.Partial, 0n]);
    expect(await earnedByAll(net)).to.equal(8n); // each of 4 shards paid two, fees round down to nothing
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("fewer items than a shard may hold make one shard of one batch", async () => {
    const { net, job } = await drawn({ items: 1n, itemsPerShard: 1n << 24n });
    expect(job.shards).to.equal(1);
    await job.play(0);
    await job.settle(0);
    await job.finalise([0]);
    expect((await job.state()).status).to.equal(Status.Completed);
    await expectBalanced(net, [job]);
  });

  it("the largest R overflows no product of open, and is refused for want of slots", async () => {
    const net = await load();
    const reward = (1n << 96n) - 1n;
    const terms = await termsOf(net, { shardReward: reward, challengeWindow: DAY, items: 20_480n, replicas: 8n, commitWindow: 2_000n });
    const cost = await net.jobs.cost(terms);
    expect(cost).to.equal(2_048n * (8n * reward + reward + 3n * (reward / 10n)) + (2_048n * 8n * reward) / 20n);
    await expect(net.jobs.connect(net.client).open(terms, NO_QUOTE, "0x")).to.be.revertedWithCustomError(net.jobs, "JobsInvalidTerms").withArgs("shardReward");
  });

  it("a lock of the most slots that fit is taken and freed to the last", async () => {
    const net = await load();
    // one member holds 2 shards: 2 × 32,767 slots
    const small = { runtime: ethers.id("small"), metric: 1, slotStake: 1_000n, priceFloor: 0n, secondsPerUnit: 0n, verifier: ethers.ZeroAddress, extension: ethers.ZeroHash };
    await net.pools.createPool(small);
    const pool = await net.pools.poolId(small);
    for (const p of net.providers) await net.pools.connect(p).joinPool(pool, 65_535);
    await net.parameters.connect(net.timelock).setToken(net.usdc, { allowed: true, stakeRate: 10n ** 18n, largeJob: USDC });
    await nextEpoch();
    const open = async (shardReward: bigint) => {
      const job = new ResultJob({ ...net, pool }, await termsOf(net, { pool, shardReward, nonce: shardReward, challengeWindow: DAY }));
      await job.open();
      return job;
    };
    await expect(open(32_767_001n)).to.be.revertedWithCustomError(net.jobs, "JobsInvalidTerms").withArgs("shardReward");
    const job = await open(32_767_000n);
    expect((await job.state()).lockSlots).to.equal(32_767n);
    await job.draw([0]);
    const busy = (await net.pools.member(pool, job.committees.get(0)![0]!)).busy;
    expect(busy).to.equal(65_534n);
    await job.play(0, { silent: [1] });
    await job.settle(0);
    await net.slashing.punish(job.terms, 0, 1);
    await job.giveUp();
    await job.finalise([0]);
    for (let m = 0; m < 12; m++) expect((await net.pools.member(pool, m)).busy).to.equal(0n);
    await expectBalanced(net, [job]);
  });

  it("the worst batch, 32 shards of which 8 replicas all differ, settles and ends within a transaction's gas", async () => {
    const { net, job } = await drawn({ items: 320n, replicas: 8n, commitWindow: 2_000n, challengeWindow: DAY });
    job.digestOf = (member, shard, item, batch) => ethers.id(`${member} ${shard} ${item} ${batch}`);
    await job.play(0);
    const settled = await (await job.settle(0)).wait();
    expect(settled!.gasUsed).to.be.lessThan(MOST_GAS);
    await job.giveUp();
    expect((await job.state()).status).to.equal(Status.Refunded);
    expect(await earnedByAll(net)).to.equal(256n * USDC);
    await net.jobs.finalise(job.terms, [0]);
    await expectAllFree(net);
    await expectBalanced(net, [job]);
  });

  it("the widest job has numbers for every replacement and panel it could ever need", () => {
    const shards = 2_048;
    const replacements = 4; // Parameters.MAX_REPLACEMENTS
    const panels = 8 + replacements - 1; // each verdict convicts one of the replicas, the last one stands alone
    expect(shards * (replacements + panels)).to.be.lessThan((1 << 15) - 1);
    expect(STAKE_RATE * SETTINGS.lockMultiple).to.be.greaterThan(SLOT);
  });
});
