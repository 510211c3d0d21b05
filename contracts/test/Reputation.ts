import { expect } from "chai";
import { DAY, Fault, POOL_TERMS, addNode, deployCore, ethers, networkHelpers } from "./core.fixture.ts";

const HALF_LIFE = 30n * DAY;
const FOREVER = 2n ** 40n - 1n;

async function fixture() {
  const core = await deployCore();
  const pool = await core.pools.poolId(POOL_TERMS);
  await core.pools.createPool(POOL_TERMS);
  await addNode(core, core.alice, 10n);
  await core.pools.connect(core.alice).joinPool(pool, 4);
  const agree = (agreed: number, latency = 0) =>
    core.pools.connect(core.jobs).settle(pool, [{ member: 0, slots: 0, agreed, latency }]);
  const fault = (kind: number, count = 1) => core.pools.connect(core.slashing).recordFault(pool, 0, kind, count);
  const record = () => core.pools.record(pool, 0);
  return { ...core, pool, agree, fault, record };
}

const load = () => networkHelpers.loadFixture(fixture);
const now = async () => BigInt(await networkHelpers.time.latest());

describe("Reputation", () => {
  describe("score", () => {
    it("is 5 000 for a newcomer", async () => {
      const { record } = await load();
      const r = await record();
      expect([r.good, r.bad, r.latency, r.streak, r.score]).to.deep.equal([0n, 0n, 0n, 0n, 5_000n]);
    });

    it("follows 10 000 (good + 10) / (good + bad + 20)", async () => {
      const { agree, fault, record } = await load();
      await agree(10);
      expect((await record()).score).to.equal(6_666);
      await agree(70);
      expect((await record()).score).to.equal(9_000);
      await fault(Fault.Missed, 5);
      expect((await record()).score).to.equal(7_500); // 90 / 120
    });

    it("weighs faults 1, 4, 8 and 16 agreed shards", async () => {
      const weights = [[Fault.None, 0n], [Fault.Declined, 1n], [Fault.Missed, 4n], [Fault.Silent, 8n], [Fault.Wrong, 16n]] as const;
      for (const [kind, weight] of weights) {
        const { pools, pool, fault, record } = await load();
        await expect(fault(kind, 3)).to.emit(pools, "FaultRecorded").withArgs(pool, 1, kind, 3)
          .to.emit(pools, "ScoreChanged").withArgs(pool, 1, 100_000n / (20n + 3n * weight));
        expect((await record()).bad).to.equal(3n * weight * 10_000n);
      }
    });

    it("sums saturate", async () => {
      const { pools, pool, record, jobs, fault } = await load();
      const many = Array.from({ length: 200 }, () => ({ member: 0, slots: 0, agreed: 65_535, latency: 0 }));
      await pools.connect(jobs).settle(pool, many);
      expect((await record()).good).to.equal(200n * 65_535n * 10_000n);
      // 2^48 − 1 is reached by writing it: no run of shards is that long
      const base = ethers.AbiCoder.defaultAbiCoder();
      const outer = ethers.keccak256(base.encode(["bytes32", "uint256"], [pool, 0]));
      const slot = ethers.keccak256(base.encode(["uint256", "bytes32"], [0, outer]));
      const word = BigInt(await ethers.provider.getStorage(await pools.getAddress(), slot));
      await networkHelpers.setStorageAt(await pools.getAddress(), slot, ethers.toBeHex(word | (2n ** 96n - 1n), 32));
      expect((await record()).good).to.equal(2n ** 48n - 1n);
      await pools.connect(jobs).settle(pool, many.slice(0, 1));
      await fault(Fault.Wrong, 1);
      const r = await record();
      expect([r.good, r.bad, r.score]).to.deep.equal([2n ** 48n - 1n, 2n ** 48n - 1n, 5_000n]);
    });
  });

  describe("streak", () => {
    it("counts agreed shards since the last fault, up to 65 535", async () => {
      const { agree, fault, record } = await load();
      await agree(65_000);
      await agree(1_000);
      expect((await record()).streak).to.equal(65_535);
      await fault(Fault.Declined);
      expect((await record()).streak).to.equal(0);
      await agree(3);
      expect((await record()).streak).to.equal(3);
    });
  });

  describe("latency", () => {
    it("is an EWMA with α = 1/8 that starts at the first sample", async () => {
      const { agree, record } = await load();
      await agree(1, 800);
      expect((await record()).latency).to.equal(800);
      await agree(0, 1_600);
      expect((await record()).latency).to.equal(900);
      await agree(1, 0);
      expect((await record()).latency).to.equal(900);
      await agree(1, 4_294_967_295);
      expect((await record()).latency).to.equal((900n * 7n + 4_294_967_295n) / 8n);
    });
  });

  describe("decay", () => {
    it("halves both sums in 30 days", async () => {
      const { agree, fault, record } = await load();
      await agree(100);
      await fault(Fault.Declined, 10);
      await networkHelpers.time.increaseTo((await record()).updatedAt + HALF_LIFE);
      await agree(0, 1);
      const r = await record();
      expect([r.good, r.bad]).to.deep.equal([500_000n, 50_000n]);
    });

    it("forgets all in the end, however long the pause", async () => {
      const { pools, pool, agree, jobs, record } = await load();
      await pools.connect(jobs).settle(pool, Array.from({ length: 200 }, () => ({ member: 0, slots: 0, agreed: 65_535, latency: 0 })));
      const { good, updatedAt } = await record();
      await networkHelpers.time.increaseTo(updatedAt + 20n * HALF_LIFE);
      await agree(0, 1);
      expect((await record()).good).to.equal((good * (10n ** 12n >> 20n)) / 10n ** 12n);
      // Longer than a word has bits to shift.
      await networkHelpers.time.increaseTo(updatedAt + (20n + 257n) * HALF_LIFE);
      await agree(0, 1);
      expect([(await record()).good, (await record()).score]).to.deep.equal([0n, 5_000n]);
    });

    it("ends the same whether written often or once", async () => {
      const { agree, record } = await load();
      await agree(1_000);
      const start = (await record()).updatedAt;
      for (let day = 1n; day <= 15n; day++) {
        await networkHelpers.time.increaseTo(start + day * DAY + 1_799n); // not on the hour
        await agree(0, 1);
      }
      const often = (await record()).good;
      expect(often).to.be.closeTo(7_071_068n, 20_000n);
      expect((await record()).updatedAt).to.equal(start + 15n * DAY);
    });
  });

  describe("jail", () => {
    it("starts under 2 000, for a day, and doubles up to 30 days", async () => {
      const { pools, agree, fault } = await load();
      await fault(Fault.Missed, 7); // 10 / 48 = 2 083
      expect((await pools.standing(1)).jailings).to.equal(0);
      for (const days of [1n, 2n, 4n, 8n, 16n, 30n, 30n]) {
        const tx = await fault(Fault.Silent, 2);
        const until = (await now()) + days * DAY;
        await expect(tx).to.emit(pools, "Jailed").withArgs(1, until);
        expect((await pools.standing(1)).jailedUntil).to.equal(until);
        await expect(fault(Fault.Silent, 2), "already jailed").not.to.emit(pools, "Jailed");
        await networkHelpers.time.increaseTo(until);
      }
      expect((await pools.standing(1)).jailings).to.equal(7);
      await agree(1);
    });
  });

  describe("convictions", () => {
    it("three within a year ban; one counts a call, whatever the shards", async () => {
      const { pools, pool, agree, fault } = await load();
      await agree(10_000);
      await fault(Fault.Wrong, 9);
      await networkHelpers.time.increase(182n * DAY);
      await fault(Fault.Wrong);
      await networkHelpers.time.increase(182n * DAY);
      await expect(fault(Fault.Wrong)).to.emit(pools, "Banned").withArgs(1);
      expect((await pools.standing(1)).jailedUntil).to.equal(FOREVER);
      await expect(fault(Fault.Wrong)).not.to.emit(pools, "Banned");
      await networkHelpers.time.increase(4_000n * DAY);
      await pools.sync(pool, 0);
      expect((await pools.member(pool, 0)).suspended).to.equal(true);
    });

    it("three in more than a year do not", async () => {
      const { pools, agree, fault } = await load();
      await agree(65_535);
      for (let i = 0; i < 5; i++) {
        await fault(Fault.Wrong);
        await agree(65_535);
        await networkHelpers.time.increase(183n * DAY);
      }
      const standing = await pools.standing(1);
      expect(standing.jailedUntil).to.equal(0);
      expect(standing.convictions[0] - standing.convictions[2]).to.be.greaterThan(365n * DAY);
    });

    it("pardon takes the newest back and lifts jail and ban", async () => {
      const { pools, pool, slashing, fault } = await load();
      await fault(Fault.Wrong);
      await fault(Fault.Wrong);
      const second = (await pools.standing(1)).convictions[0];
      await fault(Fault.Wrong);
      expect((await pools.standing(1)).jailedUntil).to.equal(FOREVER);
      await expect(pools.connect(slashing).pardon(1)).to.emit(pools, "Pardoned").withArgs(1);
      const standing = await pools.standing(1);
      expect(standing.jailedUntil).to.equal(0);
      expect(standing.convictions[0]).to.equal(second);
      expect(standing.convictions[2]).to.equal(0);
      await pools.sync(pool, 0);
      expect((await pools.member(pool, 0)).suspended).to.equal(false);
    });
  });

  it("blames members only", async () => {
    const { pools, slashing, pool } = await load();
    await expect(pools.connect(slashing).recordFault(pool, 5, Fault.Wrong, 1)).to.be.revertedWithCustomError(pools, "PoolsNotMember").withArgs(pool, 0);
  });
});
