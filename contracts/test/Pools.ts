import { expect } from "chai";
import {
  EPOCH, Fault, Metric, POOL_TERMS, SLOT, addNode, deployCore, ethers, nextEpoch, networkHelpers,
} from "./core.fixture.ts";

const { ZeroHash } = ethers;
const SEED = ethers.id("seed");

/** A pool with alice (node 1, 4 slots), bob (node 2, 2 slots) and carol (node 3, 1 slot), all counting; dave has node 4. */
async function fixture() {
  const core = await deployCore();
  const pool = await core.pools.poolId(POOL_TERMS);
  await core.pools.createPool(POOL_TERMS);
  for (const [owner, slots] of [[core.alice, 4n], [core.bob, 2n], [core.carol, 1n]] as const) {
    await addNode(core, owner, 10n);
    await core.pools.connect(owner).joinPool(pool, slots);
  }
  await addNode(core, core.dave, 10n);
  await nextEpoch();
  return { ...core, pool };
}

const load = () => networkHelpers.loadFixture(fixture);
type Fixture = Awaited<ReturnType<typeof fixture>>;

const request = (pool: string, over = {}) => ({
  pool, seed: SEED, size: 1, slots: 1, clientNode: 0, aggregatorNode: 0, excluded: 0n, ...over,
});

/** Draws and returns the committee's member indexes. */
async function draw(f: Fixture, over = {}): Promise<number[]> {
  const r = request(f.pool, over);
  let lanes = await f.pools.connect(f.jobs).draw.staticCall(r);
  await f.pools.connect(f.jobs).draw(r);
  const indexes: number[] = [];
  for (; lanes !== 0n; lanes >>= 16n) indexes.push(Number(lanes & 0xffffn) - 1);
  return indexes;
}

const earmarked = async (f: Fixture, node: number) => (await f.staking.stakeOf(node)).earmarked / SLOT;
const epochNow = async (f: Fixture) => await f.pools.epoch();

describe("Pools", () => {
  it("refuses an epoch of no length", async () => {
    const f = await load();
    await expect(ethers.deployContract("Pools", [f.parameters, f.staking, f.jobs, f.slashing, 0]))
      .to.be.revertedWithCustomError(f.pools, "PoolsInvalidTerms").withArgs("epochSeconds");
  });

  it("shows what it was wired to", async () => {
    const f = await load();
    expect(await f.pools.parameters()).to.equal(await f.parameters.getAddress());
    expect(await f.pools.staking()).to.equal(await f.staking.getAddress());
    expect(await f.pools.jobs()).to.equal(f.jobs.address);
    expect(await f.pools.slashing()).to.equal(f.slashing.address);
    expect(await f.pools.EPOCH()).to.equal(EPOCH);
  });

  describe("createPool", () => {
    it("names a pool by its terms, this chain and this contract", async () => {
      const f = await load();
      const terms = { ...POOL_TERMS, runtime: ethers.id("other"), metric: Metric.None };
      const coder = ethers.AbiCoder.defaultAbiCoder();
      const type = "tuple(bytes32,uint8,uint128,uint128,uint32,address,bytes32)";
      const id = ethers.keccak256(coder.encode(["uint256", "address", type], [31337, await f.pools.getAddress(), Object.values(terms)]));
      await expect(f.pools.connect(f.bob).createPool(terms)).to.emit(f.pools, "PoolCreated").withArgs(id, f.bob.address, Object.values(terms));
      expect(await f.pools.poolId(terms)).to.equal(id);
      expect(await f.pools.poolTerms(id)).to.deep.equal(Object.values({ ...terms, metric: BigInt(terms.metric) }));
      expect(await f.pools.forOpen(id)).to.deep.equal([0n, SLOT, 7n, 11n, false, 0n]);
      await expect(f.pools.createPool(terms)).to.be.revertedWithCustomError(f.pools, "PoolsPoolExists").withArgs(id);
    });

    it("refuses terms that are reserved or say nothing", async () => {
      const f = await load();
      const bad = {
        runtime: [ZeroHash],
        metric: [Metric.Bound, Metric.Proof],
        slotStake: [0n, 2n ** 112n],
        verifier: [f.alice.address],
        extension: [SEED],
      };
      for (const [field, values] of Object.entries(bad)) {
        for (const value of values) {
          await expect(f.pools.createPool({ ...POOL_TERMS, [field]: value }))
            .to.be.revertedWithCustomError(f.pools, "PoolsInvalidTerms").withArgs(field);
        }
      }
    });
  });

  describe("listPool", () => {
    it("is the Timelock's", async () => {
      const f = await load();
      await expect(f.pools.listPool(f.pool, true)).to.be.revertedWithCustomError(f.pools, "PoolsUnauthorized").withArgs(f.deployer.address);
      await expect(f.pools.connect(f.timelock).listPool(f.pool, true)).to.emit(f.pools, "PoolListed").withArgs(f.pool, true);
      expect((await f.pools.forOpen(f.pool)).listed).to.equal(true);
      await f.pools.connect(f.timelock).listPool(f.pool, false);
      expect((await f.pools.forOpen(f.pool)).listed).to.equal(false);
    });
  });

  it("knows no pool that was not created", async () => {
    const f = await load();
    const calls = [
      () => f.pools.connect(f.timelock).listPool(SEED, true),
      () => f.pools.connect(f.dave).joinPool(SEED, 1),
      () => f.pools.connect(f.dave).setCapacity(SEED, 1),
      () => f.pools.poolTerms(SEED),
      () => f.pools.forOpen(SEED),
    ];
    for (const call of calls) await expect(call()).to.be.revertedWithCustomError(f.pools, "PoolsUnknownPool").withArgs(SEED);
    await expect(f.pools.connect(f.jobs).draw(request(SEED))).to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible").withArgs(SEED, 0, 1);
  });

  describe("joinPool", () => {
    it("earmarks at once and counts from the next epoch", async () => {
      const f = await load();
      const before = await f.pools.totalWeight(f.pool);
      const epoch = await epochNow(f);
      await expect(f.pools.connect(f.dave).joinPool(f.pool, 3))
        .to.emit(f.pools, "MemberJoined").withArgs(f.pool, 4, 3, 3)
        .to.emit(f.pools, "MemberChanged").withArgs(f.pool, 4, 3, 3, false, epoch + 1n);
      expect(await earmarked(f, 4)).to.equal(3n);
      expect(await f.pools.memberCount(f.pool)).to.equal(4);
      expect(await f.pools.memberOf(f.pool, 4)).to.deep.equal([3n, true]);
      expect(await f.pools.memberOf(f.pool, 9)).to.deep.equal([0n, false]);
      expect(await f.pools.seat(f.pool, 3)).to.deep.equal([f.dave.address, 4n]);
      expect(await f.pools.member(f.pool, 3)).to.deep.equal([f.dave.address, 4n, 0n, 0n, false, false, 3n, false, epoch]);
      expect((await f.pools.forOpen(f.pool)).members).to.equal(4n);
      expect(await f.pools.weightOf(f.pool, 3)).to.equal(0);
      expect(await f.pools.totalWeight(f.pool)).to.equal(before);
      await nextEpoch();
      // a newcomer's slot weighs 6 eighths
      expect(await f.pools.weightOf(f.pool, 3)).to.equal(18);
      expect(await f.pools.totalWeight(f.pool)).to.equal(before + 18n);
    });

    it("refuses strangers, nothing, a second membership and missing stake", async () => {
      const f = await load();
      const { pools, pool } = f;
      await expect(pools.joinPool(pool, 1)).to.be.revertedWithCustomError(f.staking, "StakingUnknownNode").withArgs(0);
      await expect(pools.connect(f.dave).joinPool(pool, 0)).to.be.revertedWithCustomError(pools, "PoolsZeroCapacity");
      await expect(pools.connect(f.alice).joinPool(pool, 1)).to.be.revertedWithCustomError(pools, "PoolsAlreadyMember").withArgs(pool, 1);
      await expect(pools.connect(f.dave).joinPool(pool, 11))
        .to.be.revertedWithCustomError(f.staking, "StakingInsufficient").withArgs(4, 10n * SLOT, 11n * SLOT);
    });

    it("is full at 4 096 members", async () => {
      const f = await load();
      // the count lies in the pool's second word: metric 8 | listed 8 | secondsPerUnit 32 | count 16 | …
      const base = BigInt(ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [f.pool, 2])));
      const slot = ethers.toBeHex(base + 1n, 32);
      const address = await f.pools.getAddress();
      const word = BigInt(await ethers.provider.getStorage(address, slot));
      const full = (word & ~(0xffffn << 48n)) | (4_096n << 48n);
      await networkHelpers.setStorageAt(address, slot, ethers.toBeHex(full, 32));
      expect(await f.pools.memberCount(f.pool)).to.equal(4_096);
      await expect(f.pools.connect(f.dave).joinPool(f.pool, 1)).to.be.revertedWithCustomError(f.pools, "PoolsFull").withArgs(f.pool);
    });
  });

  describe("setCapacity", () => {
    it("earmarks more at once, and uses it from the next epoch", async () => {
      const f = await load();
      await f.pools.connect(f.carol).setCapacity(f.pool, 3);
      expect(await earmarked(f, 3)).to.equal(3n);
      const only = { excluded: 0x00010002n, slots: 2 };
      await expect(f.pools.connect(f.jobs).draw(request(f.pool, only))).to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible").withArgs(f.pool, 0, 1);
      await nextEpoch();
      expect(await draw(f, only)).to.deep.equal([2]);
      // the draw has applied the change
      expect(await f.pools.member(f.pool, 2)).to.deep.equal([f.carol.address, 3n, 3n, 2n, false, false, 3n, false, 0n]);
    });

    it("releases less when its epoch has come, by sync", async () => {
      const f = await load();
      await f.pools.connect(f.alice).setCapacity(f.pool, 1);
      await f.pools.sync(f.pool, 0);
      expect(await earmarked(f, 1)).to.equal(4n);
      await nextEpoch();
      await f.pools.connect(f.dave).sync(f.pool, 0);
      expect(await earmarked(f, 1)).to.equal(1n);
      expect(await f.pools.member(f.pool, 0)).to.deep.equal([f.alice.address, 1n, 1n, 0n, false, false, 1n, false, 0n]);
    });

    it("holds what answers for open work until it is free", async () => {
      const f = await load();
      expect(await draw(f, { excluded: 0x00020003n, slots: 3 })).to.deep.equal([0]);
      await f.pools.connect(f.alice).setCapacity(f.pool, 1);
      await nextEpoch();
      await f.pools.sync(f.pool, 0);
      expect(await earmarked(f, 1)).to.equal(3n);
      let member = await f.pools.member(f.pool, 0);
      expect([member.capacity, member.busy, member.nextCapacity]).to.deep.equal([3n, 3n, 1n]);
      await f.pools.connect(f.jobs).settle(f.pool, [{ member: 0, slots: 2, agreed: 1, latency: 0 }]);
      await f.pools.sync(f.pool, 0);
      expect(await earmarked(f, 1)).to.equal(1n);
      member = await f.pools.member(f.pool, 0);
      expect([member.capacity, member.busy, member.nextCapacity, member.changedAt]).to.deep.equal([1n, 1n, 1n, 0n]);
    });

    it("counts less than its busy slots as saturated", async () => {
      const f = await load();
      await draw(f, { excluded: 0x00020003n, slots: 2 });
      await f.pools.connect(f.alice).setCapacity(f.pool, 2);
      const only = { excluded: 0x00020003n, slots: 1 };
      expect(await draw(f, only), "this epoch still has 4 slots").to.deep.equal([0]);
      await nextEpoch();
      await expect(f.pools.connect(f.jobs).draw(request(f.pool, only))).to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible");
      // changing again in the new epoch gives this epoch nothing back
      await f.pools.connect(f.alice).setCapacity(f.pool, 4);
      expect(await earmarked(f, 1)).to.equal(4n);
      await f.pools.connect(f.jobs).settle(f.pool, [{ member: 0, slots: 1, agreed: 0, latency: 0 }]);
      await expect(f.pools.connect(f.jobs).draw(request(f.pool, only))).to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible");
    });

    it("gives a raise that was withdrawn in time back at once", async () => {
      const f = await load();
      await f.pools.connect(f.carol).setCapacity(f.pool, 9);
      await f.pools.connect(f.carol).setCapacity(f.pool, 2);
      expect(await earmarked(f, 3)).to.equal(2n);
    });

    it("leaves with 0 and comes back to the same index", async () => {
      const f = await load();
      await f.pools.connect(f.carol).setCapacity(f.pool, 0);
      expect((await f.pools.forOpen(f.pool)).members).to.equal(2n);
      await nextEpoch();
      expect(await f.pools.weightOf(f.pool, 2)).to.equal(0);
      await f.pools.sync(f.pool, 2);
      expect(await earmarked(f, 3)).to.equal(0n);
      await expect(f.pools.connect(f.carol).joinPool(f.pool, 1)).to.be.revertedWithCustomError(f.pools, "PoolsAlreadyMember");
      await f.pools.connect(f.carol).setCapacity(f.pool, 2);
      expect(await f.pools.memberOf(f.pool, 3)).to.deep.equal([2n, true]);
      await nextEpoch();
      expect(await f.pools.weightOf(f.pool, 2)).to.equal(12);
    });

    it("is a member's owner's", async () => {
      const f = await load();
      await expect(f.pools.connect(f.dave).setCapacity(f.pool, 1)).to.be.revertedWithCustomError(f.pools, "PoolsNotMember").withArgs(f.pool, 4);
      await expect(f.pools.setCapacity(f.pool, 1)).to.be.revertedWithCustomError(f.staking, "StakingUnknownNode").withArgs(0);
    });
  });

  describe("setPaused", () => {
    it("counts from the next epoch, both ways", async () => {
      const f = await load();
      const only = { excluded: 0x00020003n };
      const epoch = await epochNow(f);
      await expect(f.pools.connect(f.alice).setPaused(f.pool, 0, true))
        .to.emit(f.pools, "MemberChanged").withArgs(f.pool, 1, 0, 4, true, epoch + 1n);
      expect(await draw(f, only)).to.deep.equal([0]);
      expect((await f.pools.forOpen(f.pool)).members).to.equal(2n);
      await nextEpoch();
      await expect(f.pools.connect(f.jobs).draw(request(f.pool, only))).to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible");
      await f.pools.connect(f.alice).setPaused(f.pool, 0, false);
      expect((await f.pools.member(f.pool, 0)).paused).to.equal(true);
      await expect(f.pools.connect(f.jobs).draw(request(f.pool, only))).to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible");
      await nextEpoch();
      expect(await draw(f, only)).to.deep.equal([0]);
      expect(await earmarked(f, 1), "a pause keeps the stake").to.equal(4n);
    });

    it("is for the owner and the operator", async () => {
      const f = await load();
      await f.staking.connect(f.alice).setOperator(f.dave);
      await expect(f.pools.connect(f.dave).setPaused(f.pool, 0, true)).to.be.revertedWithCustomError(f.pools, "PoolsUnauthorized").withArgs(f.dave.address);
      await f.pools.sync(f.pool, 0);
      await f.pools.connect(f.dave).setPaused(f.pool, 0, true);
      await f.pools.connect(f.alice).setPaused(f.pool, 0, false);
      await expect(f.pools.connect(f.dave).setPaused(f.pool, 9, true)).to.be.revertedWithCustomError(f.pools, "PoolsNotMember").withArgs(f.pool, 0);
    });
  });

  describe("sync", () => {
    it("copies a new operator key", async () => {
      const f = await load();
      await f.staking.connect(f.alice).setOperator(f.dave);
      expect(await f.pools.seat(f.pool, 0)).to.deep.equal([f.alice.address, 1n]);
      await expect(f.pools.sync(f.pool, 0)).to.emit(f.pools, "MemberSynced").withArgs(f.pool, 1, 0, 4, false, false);
      expect(await f.pools.seat(f.pool, 0)).to.deep.equal([f.dave.address, 1n]);
      await expect(f.pools.sync(f.pool, 9)).to.be.revertedWithCustomError(f.pools, "PoolsNotMember");
    });

    it("lets the weight follow the score from the next epoch", async () => {
      const f = await load();
      await f.pools.connect(f.jobs).settle(f.pool, [{ member: 0, slots: 0, agreed: 80, latency: 0 }]);
      expect((await f.pools.record(f.pool, 0)).score).to.equal(9_000);
      await f.pools.sync(f.pool, 0);
      expect(await f.pools.weightOf(f.pool, 0)).to.equal(24);
      await nextEpoch();
      expect(await f.pools.weightOf(f.pool, 0)).to.equal(30); // 4 × 19 000 / 2 500, rounded down
    });
  });

  describe("draw", () => {
    it("is for Jobs", async () => {
      const f = await load();
      await expect(f.pools.draw(request(f.pool))).to.be.revertedWithCustomError(f.pools, "PoolsUnauthorized").withArgs(f.deployer.address);
      await expect(f.pools.settle(f.pool, [])).to.be.revertedWithCustomError(f.pools, "PoolsUnauthorized");
    });

    it("fills the committee without repeating a member and makes slots busy", async () => {
      const f = await load();
      const committee = await draw(f, { size: 3 });
      expect([...committee].sort()).to.deep.equal([0, 1, 2]);
      for (const index of committee) expect((await f.pools.member(f.pool, index)).busy).to.equal(1);
      await expect(f.pools.connect(f.jobs).draw(request(f.pool, { size: 3 })), "carol is saturated")
        .to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible").withArgs(f.pool, 2, 3);
    });

    it("leaves out the client, the aggregator and the excluded", async () => {
      const f = await load();
      expect(await draw(f, { clientNode: 1, aggregatorNode: 2 })).to.deep.equal([2]);
      expect(await draw(f, { excluded: 0x00020003n })).to.deep.equal([0]);
      const all = 0x000400010002000300040004000400040004000400040004000400040004n;
      await expect(f.pools.connect(f.jobs).draw(request(f.pool, { excluded: all }))).to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible").withArgs(f.pool, 0, 1);
    });

    it("repeats itself for a seed and differs between seeds", async () => {
      const f = await load();
      const of = async (seed: string) => await f.pools.connect(f.jobs).draw.staticCall(request(f.pool, { seed, size: 2 }));
      expect(await of(SEED)).to.equal(await of(SEED));
      const seen = new Set<bigint>();
      for (let i = 0; i < 40; i++) seen.add(await of(ethers.id(`${i}`)));
      expect(seen.size).to.equal(6); // ordered pairs of three
    });
  });

  describe("settle and free", () => {
    it("free slots and name the nodes", async () => {
      const f = await load();
      await draw(f, { size: 3 });
      const outcomes = [{ member: 2, slots: 1, agreed: 1, latency: 100 }, { member: 0, slots: 1, agreed: 0, latency: 0 }];
      expect(await f.pools.connect(f.jobs).settle.staticCall(f.pool, outcomes)).to.deep.equal([3n, 1n]);
      await f.pools.connect(f.jobs).settle(f.pool, outcomes);
      await f.pools.connect(f.slashing).free(f.pool, 1, 1);
      for (const index of [0, 1, 2]) expect((await f.pools.member(f.pool, index)).busy).to.equal(0);
      expect((await f.pools.record(f.pool, 2)).good).to.equal(10_000);
      expect((await f.pools.record(f.pool, 0)).good).to.equal(0);
    });

    it("never free more than is busy", async () => {
      const f = await load();
      await expect(f.pools.connect(f.jobs).settle(f.pool, [{ member: 0, slots: 1, agreed: 0, latency: 0 }]))
        .to.be.revertedWithCustomError(f.pools, "PoolsBusy").withArgs(f.pool, 0, 0);
      await expect(f.pools.connect(f.slashing).free(f.pool, 0, 1)).to.be.revertedWithCustomError(f.pools, "PoolsBusy");
    });
  });

  describe("seize", () => {
    it("takes busy slots with their stake", async () => {
      const f = await load();
      await draw(f, { excluded: 0x00020003n, slots: 3 });
      const seize = f.pools.connect(f.slashing).seize;
      expect(await seize.staticCall(f.pool, 0, 2)).to.deep.equal([1n, 2n * SLOT]);
      await expect(seize(f.pool, 0, 2)).to.emit(f.pools, "MemberSeized").withArgs(f.pool, 1, 0, 2);
      const stake = await f.staking.stakeOf(1);
      expect([stake.earmarked, stake.frozen]).to.deep.equal([2n * SLOT, 2n * SLOT]);
      const member = await f.pools.member(f.pool, 0);
      expect([member.capacity, member.busy, member.nextCapacity]).to.deep.equal([2n, 1n, 2n]);
      expect(await f.pools.weightOf(f.pool, 0), "not in this epoch").to.equal(24);
      await nextEpoch();
      expect(await f.pools.weightOf(f.pool, 0)).to.equal(12);
    });

    it("keeps earmarks right while a change is pending", async () => {
      const f = await load();
      await draw(f, { excluded: 0x00020003n, slots: 3 });
      await f.pools.connect(f.alice).setCapacity(f.pool, 8);
      await f.pools.connect(f.slashing).seize(f.pool, 0, 1); // 3 now, 7 next
      expect(await earmarked(f, 1)).to.equal(7n);
      await f.pools.connect(f.alice).setCapacity(f.pool, 1);
      expect(await earmarked(f, 1)).to.equal(3n);
      await f.pools.connect(f.slashing).seize(f.pool, 0, 2); // 1 now, 0 next
      expect(await earmarked(f, 1)).to.equal(1n);
      const member = await f.pools.member(f.pool, 0);
      expect([member.capacity, member.busy, member.nextCapacity]).to.deep.equal([1n, 0n, 0n]);
      await nextEpoch();
      await f.pools.sync(f.pool, 0);
      expect(await earmarked(f, 1)).to.equal(0n);
    });

    it("is for Slashing, and only of busy slots", async () => {
      const f = await load();
      await expect(f.pools.connect(f.slashing).seize(f.pool, 0, 1)).to.be.revertedWithCustomError(f.pools, "PoolsBusy").withArgs(f.pool, 0, 0);
      const as = f.pools.connect(f.jobs);
      const calls = [() => as.seize(f.pool, 0, 1), () => as.free(f.pool, 0, 1), () => as.recordFault(f.pool, 0, Fault.Wrong, 1), () => as.pardon(1)];
      for (const call of calls) await expect(call()).to.be.revertedWithCustomError(f.pools, "PoolsUnauthorized").withArgs(f.jobs.address);
    });
  });

  describe("suspension", () => {
    it("stops draws of this pool at once and of others by sync", async () => {
      const f = await load();
      const terms = { ...POOL_TERMS, runtime: ethers.id("second") };
      const second = await f.pools.poolId(terms);
      await f.pools.createPool(terms);
      await f.pools.connect(f.alice).joinPool(second, 1);
      await nextEpoch();
      await f.pools.connect(f.slashing).recordFault(f.pool, 0, Fault.Missed, 8); // 10 / 52
      const until = (await f.pools.standing(1)).jailedUntil;
      expect((await f.pools.member(f.pool, 0)).suspended).to.equal(true);
      expect((await f.pools.forOpen(f.pool)).members).to.equal(2n);
      await expect(f.pools.connect(f.jobs).draw(request(f.pool, { excluded: 0x00020003n }))).to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible");

      expect((await f.pools.member(second, 0)).suspended).to.equal(false);
      await expect(f.pools.sync(second, 0)).to.emit(f.pools, "MemberSynced").withArgs(second, 1, 0, 1, false, true);
      await expect(f.pools.connect(f.jobs).draw(request(second))).to.be.revertedWithCustomError(f.pools, "PoolsTooFewEligible");

      // neither more nor new capacity; less is always allowed
      await expect(f.pools.connect(f.alice).setCapacity(f.pool, 5)).to.be.revertedWithCustomError(f.pools, "PoolsSuspended").withArgs(1, until);
      const third = { ...POOL_TERMS, runtime: ethers.id("third") };
      await f.pools.createPool(third);
      await expect(f.pools.connect(f.alice).joinPool(await f.pools.poolId(third), 1)).to.be.revertedWithCustomError(f.pools, "PoolsSuspended");
      await f.pools.connect(f.alice).setCapacity(f.pool, 3);

      await networkHelpers.time.increaseTo(until);
      await f.pools.sync(f.pool, 0);
      expect((await f.pools.member(f.pool, 0)).suspended).to.equal(false);
      expect(await f.pools.weightOf(f.pool, 0)).to.equal(0);
      await nextEpoch();
      expect(await f.pools.weightOf(f.pool, 0)).to.equal(14); // 3 × (10 000 + 1 9xx) / 2 500
    });
  });
});
