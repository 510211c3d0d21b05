import { expect } from "chai";
import { nextEpoch } from "../core.fixture.ts";
import { Status, ethers, expectBalanced, increase, load, openedWithAggregator, signQuote } from "../job.books.ts";
import { SETTINGS, termsOf } from "../network.fixture.ts";
import { ResultJob } from "../result.driver.ts";

async function newcomer(net: Awaited<ReturnType<typeof load>>) {
  await net.staking.connect(net.keeper).register(net.keeper, net.keeper, "0xa0", ethers.ZeroHash);
  const node = await net.staking.nodeOf(net.keeper);
  await net.staking.connect(net.deployer).deposit(node, ethers.parseEther("1000"));
  return node;
}

describe("Attack: aggregators", () => {
  it("one quote opens one job: it is given for these very terms", async () => {
    const net = await load();
    const aggregator = await net.staking.nodeOf(net.aggregator);
    const terms = await termsOf(net, { aggregator, aggregatorFeeBps: 100n });
    const quote = await signQuote(net, terms, terms.deadline);
    await net.jobs.connect(net.client).open(terms, quote, "0x");
    const { bonded } = await net.staking.stakeOf(aggregator);
    // more shards of the same items, more replicas, another deadline: each would take another bond
    for (const over of [{ itemsPerShard: 1n }, { replicas: 4n }, { deadline: terms.deadline - 1n }, { committeeWidth: 4n }, { commitWindow: 900n }]) {
      await expect(net.jobs.connect(net.client).open({ ...terms, ...over }, quote, "0x"), JSON.stringify(Object.keys(over)))
        .to.be.revertedWithCustomError(net.jobs, "JobsQuoteSignature");
    }
    expect((await net.staking.stakeOf(aggregator)).bonded).to.equal(bonded);
  });

  it("a quote for one deployment opens no job on another", async () => {
    const { net, job } = await openedWithAggregator();
    const domain = { name: "Infernet", version: "1", chainId: 137, verifyingContract: await net.jobs.getAddress() };
    const types = { Quote: [{ name: "job", type: "bytes32" }, { name: "validUntil", type: "uint40" }] };
    const terms = { ...job.terms, nonce: 2n };
    const value = { job: await net.jobs.jobId(terms), validUntil: terms.deadline };
    for (const other of [domain, { ...domain, chainId: 31337, verifyingContract: net.keeper.address }]) {
      const signature = await net.aggregator.signTypedData(other, types, value);
      await expect(net.jobs.connect(net.client).open(terms, { validUntil: terms.deadline, signature }, "0x"))
        .to.be.revertedWithCustomError(net.jobs, "JobsQuoteSignature");
    }
  });

  it("an aggregator that stalls a drawn batch loses the job and its bond", async () => {
    const { net, job, aggregator } = await openedWithAggregator();
    const node = await newcomer(net);
    const bond = await net.jobs.bondOf(job.id);
    const before = await net.staking.stakeOf(aggregator);
    await job.draw([0]);
    await job.sleep();
    const take = () => net.jobs.connect(net.keeper).replaceAggregator(job.terms, 0, node);
    await expect(take()).to.be.revertedWithCustomError(net.jobs, "JobsNotStalled");
    await increase(SETTINGS.resolveWindow);
    await expect(take()).to.emit(net.jobs, "AggregatorReplaced").withArgs(job.id, aggregator, node);
    await expect(take()).to.be.revertedWithCustomError(net.jobs, "JobsNotStalled"); // the newcomer has the same patience
    const after = await net.staking.stakeOf(aggregator);
    expect([before.bonded - after.bonded, after.free - before.free]).to.deep.equal([bond, 0n]);
    expect((await net.staking.stakeOf(node)).bonded).to.equal(bond);
  });

  it("an aggregator is not burned because its pool has nobody to draw", async () => {
    const net = await load();
    // all capacity is taken by other jobs of whoever wants the bond burned
    for (let m = 0; m < net.providers.length; m++) await net.pools.connect(net.providers[m]!).setCapacity(net.pool, 4);
    await nextEpoch();
    for (let m = 0; m < net.providers.length; m++) await net.pools.sync(net.pool, m);
    for (let nonce = 10n; nonce < 16n; nonce++) {
      const own = new ResultJob(net, await termsOf(net, { nonce, items: 10n }));
      await own.open();
      await own.draw([0]);
    }
    const aggregator = await net.staking.nodeOf(net.aggregator);
    const job = new ResultJob(net, await termsOf(net, { aggregator, aggregatorFeeBps: 100n }));
    await job.open(await signQuote(net, job.terms, job.terms.deadline));
    await expect(job.draw([0])).to.be.revertedWithCustomError(net.pools, "PoolsTooFewEligible");
    const before = await net.staking.stakeOf(aggregator);
    const bond = await net.jobs.bondOf(job.id);
    const node = await newcomer(net);
    await increase(SETTINGS.resolveWindow);
    await net.jobs.connect(net.keeper).replaceAggregator(job.terms, 0, node);
    const after = await net.staking.stakeOf(aggregator);
    expect([after.bonded, after.free]).to.deep.equal([before.bonded - bond, before.free + bond]);
  });

  it("nobody takes the fee of a job under way by pointing at a batch that is not drawn yet", async () => {
    const { net, job } = await openedWithAggregator({ items: 400n, commitWindow: 2_000n });
    const node = await newcomer(net);
    await job.draw([0]);
    await job.play(0);
    await job.settle(0);
    await increase(SETTINGS.resolveWindow);
    await expect(net.jobs.connect(net.keeper).replaceAggregator(job.terms, 1, node))
      .to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(job.id, 1, 0);
    await expect(net.jobs.connect(net.keeper).replaceAggregator(job.terms, 0, node))
      .to.be.revertedWithCustomError(net.jobs, "JobsWrongPhase").withArgs(job.id, 0, 2);
  });

  it("nobody becomes aggregator of a job without one, in another's name, or by a batch that does not exist", async () => {
    const { net, job, aggregator } = await openedWithAggregator();
    const direct = new ResultJob(net, await termsOf(net));
    await direct.open();
    const node = await newcomer(net);
    await increase(SETTINGS.resolveWindow); // both jobs were left undrawn for as long as a replacement asks
    const take = (terms: typeof job.terms, batch: number, by: number | bigint) => net.jobs.connect(net.keeper).replaceAggregator(terms, batch, by);
    await expect(take(direct.terms, 0, node)).to.be.revertedWithCustomError(net.jobs, "JobsNoAggregator");
    const other = await net.staking.nodeOf(net.providers[0]!);
    await expect(take(job.terms, 0, other)).to.be.revertedWithCustomError(net.jobs, "JobsUnauthorized").withArgs(net.keeper.address);
    await expect(take(job.terms, 0, 0)).to.be.revertedWithCustomError(net.jobs, "JobsUnauthorized").withArgs(net.keeper.address);
    await expect(take(job.terms, 1, node)).to.be.revertedWithCustomError(net.jobs, "JobsUnknownBatch").withArgs(1);
    await expect(take(job.terms, 65_535, node)).to.be.revertedWithCustomError(net.jobs, "JobsUnknownBatch").withArgs(65_535);
    expect((await job.state()).aggregator).to.equal(aggregator);
    expect((await net.staking.stakeOf(node)).bonded).to.equal(0n);
    await take(job.terms, 0, node);
    expect((await job.state()).aggregator).to.equal(node);
  });

  it("a job whose aggregator is gone ends by everybody's hands, and the replaced one's fee is the newcomer's", async () => {
    const { net, job } = await openedWithAggregator();
    const node = await newcomer(net);
    await job.draw([0]);
    await job.play(0);
    await job.sleep();
    await increase(SETTINGS.resolveWindow);
    await net.jobs.connect(net.keeper).replaceAggregator(job.terms, 0, node);
    await job.settle(0);
    await job.finalise([0]);
    expect((await job.state()).status).to.equal(Status.Completed);
    expect(await net.jobs.earningsOf(net.usdc, node)).to.be.greaterThan(0n);
    expect((await net.staking.stakeOf(node)).bonded).to.equal(0n);
    await expectBalanced(net, [job]);
  });
});
