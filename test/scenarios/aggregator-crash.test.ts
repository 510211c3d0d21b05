import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { verifyReceipt, type JobHandle } from "@infernet/sdk/client";
import type { ChainEvent } from "@infernet/sdk/chain";
import { createDirect, intakeProtocol } from "@infernet/sdk/net";
import { Market, type TestClient } from "./market.ts";

describe("an aggregator that dies", function () {
  this.timeout(240_000);
  let market: Market;
  let buyer: TestClient | undefined;

  before(async () => {
    market = await new Market().open([{}, {}, {}]);
    buyer = await market.client("buyer");
  });
  after(async () => {
    await buyer?.close();
    await market.close();
  });

  const happens = async (job: JobHandle, type: ChainEvent["type"]) => {
    for await (const { event } of job.events()) if (event.type === type) return;
  };

  /** Everything that a buyer may expect, whatever happened meanwhile. */
  async function expectRight(job: JobHandle): Promise<void> {
    const { output, data, receipt, cost, complete } = await job.result();
    expect(complete).to.equal(true);
    expect(cost.deposit).to.equal(cost.paid + cost.refunded + cost.fees.aggregator + cost.fees.protocol);
    expect(receipt.jobs.flatMap(({ slashes }) => slashes)).to.deep.equal([]);
    const { checks } = await verifyReceipt(JSON.parse(JSON.stringify(receipt)), { port: buyer!.port, data, output });
    expect(checks.filter(({ ok }) => !ok)).to.deep.equal([]);
  }

  it("after its quote, and again after the draw, goes on with what chain, content and journal say", async () => {
    const request = market.request(16);
    const quote = await buyer!.client.quote(request);
    await market.restartAggregator();
    const job = await buyer!.client.submitJob(request, { quote });
    await happens(job, "batch-drawn");
    await market.restartAggregator();
    await expectRight(job);
    // What was cranked before was not cranked again: nobody was second to himself.
    expect(market.aggregator.lines.filter(({ level }) => level === "error" || level === "fatal")).to.deep.equal([]);
  });

  it("for good, leaves the job to the providers, and the results too; when it comes back it has them all", async () => {
    const job = await buyer!.client.submitJob(market.request(12));
    await happens(job, "batch-drawn");
    await market.aggregator.kill();
    await expectRight(job);
    await market.restartAggregator();
    const { multiaddrs } = await market.aggregator.ready;
    // Ready means reachable: it collects what it missed while it answers.
    const direct = createDirect(buyer!.store.libp2p);
    const ask = () => direct.call(multiaddrs, intakeProtocol, { kind: "results", job: job.id }).catch(() => null);
    let answer = await ask();
    while (answer?.kind !== "results" || answer.shards.length < 3 || answer.output === null) {
      await sleep(200);
      answer = await ask();
    }
    expect(answer.shards.map(({ shard }) => shard)).to.deep.equal([0, 1, 2]);
    const { data } = await job.result();
    expect(await buyer!.store.getFile(answer.output!, { from: multiaddrs })).to.deep.equal(data);
  });

  it("was never needed on the direct path", async () => {
    await market.aggregator.kill();
    const job = await buyer!.client.submitJob(market.request(8, { aggregator: null }));
    await expectRight(job);
    expect((await job.result()).cost.fees.aggregator).to.equal(0n);
    await market.restartAggregator();
  });
});
