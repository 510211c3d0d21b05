import { expect } from "chai";
import { POOL_TERMS, SLOT, networkHelpers, nextEpoch } from "../core.fixture.ts";
import { Status, ethers, increase, load, now, opened, signQuote } from "../job.books.ts";
import { NO_QUOTE, REWARD, SETTINGS, USDC, type Network, termsOf } from "../network.fixture.ts";
import { ResultJob } from "../result.driver.ts";

const DAY = 86_400n;

async function tryOpen(net: Network, over: Record<string, unknown>, quote = NO_QUOTE) {
  return net.jobs.connect(net.client).open(await termsOf(net, over), quote, "0x");
}

describe("Jobs.open", () => {
  it("takes the worst case, arms a round and stores the job", async () => {
    const net = await load();
    const terms = await termsOf(net);
    const before = await net.jobs.creditOf(net.usdc, net.client);
    // 4 shards: k·R, one more R and 3 · R/10 for a panel, and 5 % of k·R
    const deposit = 4n * (2n * REWARD + REWARD + (3n * REWARD) / 10n) + (8n * REWARD) / 20n;
    expect(await net.jobs.cost(terms)).to.equal(deposit);
    const id = await net.jobs.jobId(terms);
    const tx = net.jobs.connect(net.client).open(terms, NO_QUOTE, "0x1234");
    await expect(tx).to.emit(net.jobs, "JobOpened").withArgs(id, net.client.address, net.pool, deposit, Object.values(terms), "0x1234");
    const round = BigInt(await ethers.provider.getBlockNumber()) + 1n;
    const epoch = await net.pools.epoch();
    await expect(tx).to.emit(net.jobs, "RoundArmed").withArgs(id, 0xffff, round, epoch);
    expect(await net.jobs.creditOf(net.usdc, net.client)).to.equal(before - deposit);
    const state = await net.jobs.job(id);
    expect(state.status).to.equal(Status.Open);
    expect(state.remaining).to.equal(deposit);
    expect(state.openedAt).to.equal(await now());
    expect([state.drawn, state.ended, state.agreed, state.extras, state.aggregator]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
  });

  it("names a job by chain, contract and terms", async () => {
    const net = await load();
    const terms = await termsOf(net);
    const type = net.jobs.interface.getFunction("jobId").inputs[0]!;
    const encoded = ethers.AbiCoder.defaultAbiCoder().encode(["uint256", "address", type], [31337, await net.jobs.getAddress(), terms]);
    expect(await net.jobs.jobId(terms)).to.equal(ethers.keccak256(encoded));
  });

  describe("refuses", () => {
    const LONG = DAY + 1n;
    const invalid: [string, Record<string, unknown>][] = [
      ["manifest", { manifest: ethers.ZeroHash }],
      ["shardReward", { shardReward: 0n }],
      ["shardReward", { shardReward: 1n << 96n }],
      ["shardReward", { shardReward: (1n << 96n) - 1n, challengeWindow: DAY }], // more slots than a member has lanes for
      ["itemsPerShard", { itemsPerShard: 0n }],
      ["itemsPerShard", { itemsPerShard: (1n << 24n) + 1n }],
      ["items", { items: 0n }],
      ["items", { items: 10n * 2_048n + 1n }],
      ["unitsPerShard", { unitsPerShard: 0n }],
      ["replicas", { replicas: 1n }], // below the set's minReplicas
      ["replicas", { replicas: 9n, committeeWidth: 9n }],
      ["committeeWidth", { committeeWidth: 1n }],
      ["committeeWidth", { committeeWidth: 9n }],
      ["aggregatorFeeBps", { aggregatorFeeBps: 1n }],
      ["aggregatorFeeBps", { aggregator: 1n, aggregatorFeeBps: 49n }],
      ["aggregatorFeeBps", { aggregator: 1n, aggregatorFeeBps: 201n }],
      ["verifier", { verifier: "0x0000000000000000000000000000000000000001" }],
      ["verification", { verification: ethers.id("x") }],
      ["flags", { flags: 1n }],
    ];
    for (const [field, over] of invalid) {
      it(`terms with ${Object.entries(over).map(([name, value]) => `${name} ${value}`).join(", ")}`, async () => {
        const net = await load();
        await expect(tryOpen(net, over)).to.be.revertedWithCustomError(net.jobs, "JobsInvalidTerms").withArgs(field);
      });
    }

    const windows: [string, string, Record<string, unknown>, bigint, bigint][] = [
      ["JobsWindowTooShort", "commitWindow", { commitWindow: 599n }, 599n, 600n],
      // 2 × load 2 × 10^6 units × 11 µs
      ["JobsWindowTooShort", "commitWindow", { commitWindow: 643n, unitsPerShard: 1_000_000n }, 643n, 644n],
      ["JobsWindowTooLong", "commitWindow", { commitWindow: LONG }, LONG, DAY],
      ["JobsWindowTooShort", "revealWindow", { revealWindow: 599n }, 599n, 600n],
      ["JobsWindowTooLong", "revealWindow", { revealWindow: LONG }, LONG, DAY],
      ["JobsWindowTooShort", "challengeWindow", { challengeWindow: 1_799n }, 1_799n, 1_800n],
      ["JobsWindowTooShort", "challengeWindow", { shardReward: 13n * USDC }, 1_800n, DAY], // a large job
      ["JobsWindowTooLong", "challengeWindow", { challengeWindow: LONG }, LONG, DAY],
    ];
    for (const [error, name, over, given, bound] of windows) {
      it(`a ${name} of ${given} where ${bound} is the bound`, async () => {
        const net = await load();
        await expect(tryOpen(net, over)).to.be.revertedWithCustomError(net.jobs, error).withArgs(name, given, bound);
      });
    }

    it("a deadline that is over, or further than jobs may last", async () => {
      const net = await load();
      const time = await now();
      for (const deadline of [time, time + 7n * DAY + 1_000n]) {
        await expect(tryOpen(net, { deadline })).to.be.revertedWithCustomError(net.jobs, "JobsInvalidTerms").withArgs("deadline");
      }
    });

    it("whoever is not the client", async () => {
      const net = await load();
      await expect(net.jobs.connect(net.keeper).open(await termsOf(net), NO_QUOTE, "0x"))
        .to.be.revertedWithCustomError(net.jobs, "JobsUnauthorized").withArgs(net.keeper.address);
    });

    it("the same terms twice, also after the job is over", async () => {
      const { net, job } = await opened();
      await expect(job.open()).to.be.revertedWithCustomError(net.jobs, "JobsExists").withArgs(job.id);
      await net.jobs.connect(net.client).cancel(job.terms);
      await expect(job.open()).to.be.revertedWithCustomError(net.jobs, "JobsExists").withArgs(job.id);
    });

    it("more than 1,024 bytes of locators", async () => {
      const net = await load();
      const terms = await termsOf(net);
      const open = (bytes: number) => net.jobs.connect(net.client).open(terms, NO_QUOTE, `0x${"00".repeat(bytes)}`);
      await expect(open(1_025)).to.be.revertedWithCustomError(net.jobs, "JobsInvalidTerms").withArgs("locators");
      await open(1_024);
    });

    it("anything while open is paused, and nothing else is", async () => {
      const { net, job } = await opened();
      await net.parameters.connect(net.guardian).pauseOpen();
      await expect(tryOpen(net, { nonce: 2n })).to.be.revertedWithCustomError(net.jobs, "JobsOpenPaused");
      await job.draw([0]);
      await job.play(0);
      await job.settle(0);
      await job.finalise([0]);
      expect((await job.state()).status).to.equal(Status.Completed);
      await net.jobs.claim(net.usdc, [1]);
      await net.jobs.connect(net.client).withdraw(net.usdc, net.client, 1n);
      await net.parameters.connect(net.guardian).resumeOpen();
      await tryOpen(net, { nonce: 2n });
    });

    it("parameters that are not the newest", async () => {
      const net = await load();
      await net.parameters.connect(net.timelock).publish(SETTINGS);
      await expect(tryOpen(net, {})).to.be.revertedWithCustomError(net.jobs, "JobsStaleParameters").withArgs(1, 2);
      await expect(tryOpen(net, { parameters: 3n })).to.be.revertedWithCustomError(net.jobs, "JobsStaleParameters").withArgs(3, 2);
      await tryOpen(net, { parameters: 2n });
    });

    it("a token that is not allowed", async () => {
      const net = await load();
      const other = await ethers.deployContract("TestUSDC");
      await expect(tryOpen(net, { token: await other.getAddress() })).to.be.revertedWithCustomError(net.jobs, "EscrowTokenRefused").withArgs(other);
    });

    it("a client without the credit", async () => {
      const net = await load();
      const credit = await net.jobs.creditOf(net.usdc, net.client);
      await net.jobs.connect(net.client).withdraw(net.usdc, net.client, credit - USDC);
      const cost = await net.jobs.cost(await termsOf(net));
      await expect(tryOpen(net, {})).to.be.revertedWithCustomError(net.jobs, "EscrowInsufficientCredit").withArgs(net.usdc, net.client, USDC, cost);
    });

    it("unknown pools, pools of another metric and pools that are too small", async () => {
      const net = await load();
      await expect(tryOpen(net, { pool: ethers.id("none") })).to.be.revertedWithCustomError(net.pools, "PoolsUnknownPool");
      const none = { ...POOL_TERMS, metric: 0 };
      await net.pools.createPool(none);
      await expect(tryOpen(net, { pool: await net.pools.poolId(none) })).to.be.revertedWithCustomError(net.jobs, "JobsInvalidTerms").withArgs("pool");
      const small = { ...POOL_TERMS, runtime: ethers.id("small") };
      await net.pools.createPool(small);
      const pool = await net.pools.poolId(small);
      await net.pools.connect(net.providers[0]!).joinPool(pool, 1);
      await expect(tryOpen(net, { pool })).to.be.revertedWithCustomError(net.jobs, "JobsPoolTooSmall").withArgs(pool, 1, 2);
    });

    it("a price under the pool's floor", async () => {
      const net = await load();
      const dear = { ...POOL_TERMS, priceFloor: ethers.parseEther("2") };
      await net.pools.createPool(dear);
      const pool = await net.pools.poolId(dear);
      for (const p of net.providers.slice(0, 2)) await net.pools.connect(p).joinPool(pool, 10);
      await nextEpoch();
      // one USDC is worth 20 INFER to a lock: ten units at two INFER and no more
      await expect(tryOpen(net, { pool, unitsPerShard: 11n }))
        .to.be.revertedWithCustomError(net.jobs, "JobsPriceBelowFloor").withArgs(ethers.parseEther("20"), ethers.parseEther("22"));
      await tryOpen(net, { pool, unitsPerShard: 10n });
    });

    it("terms whose words are not clean, so that no two encodings name one job", async () => {
      const net = await load();
      const data = net.jobs.interface.encodeFunctionData("open", [await termsOf(net), NO_QUOTE, "0x"]);
      const inputs = net.jobs.interface.getFunction("open").inputs[0]!.components!;
      const call = (input: string) => net.client.call({ to: net.jobs, data: input });
      await call(data);
      let narrow = 0;
      for (const [i, { type }] of inputs.entries()) {
        if (type === "bytes32" || type === "uint256") continue;
        narrow++;
        const at = 2 + 8 + 64 * i;
        await expect(call(`${data.slice(0, at)}01${data.slice(at + 2)}`), inputs[i]!.name).to.be.revert(ethers);
      }
      expect(narrow).to.equal(17);
    });
  });

  describe("the lock of a replica", () => {
    it("is 16 R in a listed pool with enough members, rounded up to slots, and remembers R's share of it", async () => {
      const { job } = await opened();
      const state = await job.state();
      // 16 × 20 INFER in slots of 100
      expect([state.fullLock, state.lockSlots, state.rewardShare]).to.deep.equal([true, 4n, 50_000_000n]);
    });

    it("is 1 R in an unlisted pool", async () => {
      const net = await load();
      await net.pools.connect(net.timelock).listPool(net.pool, false);
      const job = new ResultJob(net, await termsOf(net));
      await job.open();
      const state = await job.state();
      expect([state.fullLock, state.lockSlots, state.rewardShare]).to.deep.equal([false, 1n, 200_000_000n]);
    });

    it("is 1 R where fewer than k + margin members may be drawn", async () => {
      const net = await load();
      for (let m = 0; m < 9; m++) await net.pools.connect(net.providers[m]!).setPaused(net.pool, m, true);
      const job = new ResultJob(net, await termsOf(net));
      await job.open();
      expect((await job.state()).fullLock).to.equal(false);
    });

    it("is at least one slot, however small R is", async () => {
      const { job } = await opened({ shardReward: 1n });
      const state = await job.state();
      expect(state.lockSlots).to.equal(1n);
      expect(state.rewardShare).to.equal((2n * 10n ** 13n * 10n ** 9n) / SLOT);
    });
  });

  describe("with an aggregator", () => {
    it("takes its bond, a tenth of the job's value in INFER", async () => {
      const net = await load();
      const aggregator = await net.staking.nodeOf(net.aggregator);
      const terms = await termsOf(net, { aggregator, aggregatorFeeBps: 200n });
      await net.jobs.connect(net.client).open(terms, await signQuote(net, terms, terms.deadline), "0x");
      const id = await net.jobs.jobId(terms);
      const bond = (8n * 20n * 10n ** 18n) / 10n;
      expect(await net.jobs.bondOf(id)).to.equal(bond);
      expect((await net.staking.stakeOf(aggregator)).bonded).to.equal(bond);
      expect((await net.jobs.job(id)).aggregator).to.equal(aggregator);
    });

    it("refuses a quote that is over, of somebody else, or for another job", async () => {
      const net = await load();
      const aggregator = await net.staking.nodeOf(net.aggregator);
      const terms = await termsOf(net, { aggregator, aggregatorFeeBps: 100n });
      const open = (quote: { validUntil: bigint; signature: string }) => net.jobs.connect(net.client).open(terms, quote, "0x");
      const over = await signQuote(net, terms, await now());
      await expect(open(over)).to.be.revertedWithCustomError(net.jobs, "JobsQuoteExpired").withArgs(over.validUntil);
      const forged = await signQuote(net, terms, terms.deadline, net.keeper);
      await expect(open(forged)).to.be.revertedWithCustomError(net.jobs, "JobsQuoteSignature").withArgs(net.keeper.address, net.aggregator.address);
      const other = await signQuote(net, { ...terms, aggregatorFeeBps: 99n }, terms.deadline);
      await expect(open(other)).to.be.revertedWithCustomError(net.jobs, "JobsQuoteSignature");
      await expect(open({ validUntil: terms.deadline, signature: "0x12" })).to.be.revert(ethers);
    });

    it("takes a quote in the second in which it ends", async () => {
      const net = await load();
      const aggregator = await net.staking.nodeOf(net.aggregator);
      const terms = await termsOf(net, { aggregator, aggregatorFeeBps: 100n });
      const quote = await signQuote(net, terms, (await now()) + 100n);
      await increase(99n);
      await net.jobs.connect(net.client).open(terms, quote, "0x");
      expect(await now()).to.equal(quote.validUntil);
    });

    it("refuses an aggregator that cannot post the bond", async () => {
      const net = await load();
      const aggregator = await net.staking.nodeOf(net.aggregator);
      await net.staking.connect(net.aggregator).requestUnbonding((await net.staking.stakeOf(aggregator)).free);
      const terms = await termsOf(net, { aggregator, aggregatorFeeBps: 100n });
      const quote = await signQuote(net, terms, terms.deadline);
      await expect(net.jobs.connect(net.client).open(terms, quote, "0x")).to.be.revertedWithCustomError(net.staking, "StakingInsufficient");
    });

    it("refuses a bond that no stake can be", async () => {
      const net = await load();
      // No supply of INFER leads here: whoever deploys with another token is not to have the bond cut off at 128 bits.
      const balance = ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [net.deployer.address, 0]));
      await networkHelpers.setStorageAt(await net.infer.getAddress(), balance, ethers.toBeHex(1n << 127n, 32));
      const huge = { ...POOL_TERMS, slotStake: (1n << 112n) - 1n };
      await net.pools.createPool(huge);
      const pool = await net.pools.poolId(huge);
      for (const p of net.providers.slice(0, 2)) {
        await net.staking.deposit(await net.staking.nodeOf(p), huge.slotStake);
        await net.pools.connect(p).joinPool(pool, 1);
      }
      await nextEpoch();
      // A base unit is worth one INFER to a lock; 8,000 slots answer for a replica.
      await net.parameters.connect(net.timelock).setToken(net.usdc, { allowed: true, stakeRate: 10n ** 36n, largeJob: 0n });
      const aggregator = await net.staking.nodeOf(net.aggregator);
      const terms = await termsOf(net, {
        pool, shardReward: (8_000n * huge.slotStake) / 10n ** 18n, items: 2_000n, itemsPerShard: 1n, challengeWindow: DAY, aggregator, aggregatorFeeBps: 100n,
      });
      const quote = await signQuote(net, terms, terms.deadline);
      await expect(net.jobs.connect(net.client).open(terms, quote, "0x"))
        .to.be.revertedWithCustomError(net.jobs, "JobsInvalidTerms").withArgs("shardReward");
    });

    it("takes no bond where a tenth of the value is nothing", async () => {
      const net = await load();
      await net.parameters.connect(net.timelock).publish({ ...SETTINGS, aggregatorBondBps: 0n });
      const aggregator = await net.staking.nodeOf(net.aggregator);
      const terms = await termsOf(net, { parameters: 2n, aggregator, aggregatorFeeBps: 100n });
      await net.jobs.connect(net.client).open(terms, await signQuote(net, terms, terms.deadline), "0x");
      expect(await net.jobs.bondOf(await net.jobs.jobId(terms))).to.equal(0n);
    });
  });
});
