import { expect } from "chai";
import { fromUtf8 } from "@infernet/sdk/core";
import { verifyReceipt, type JobEvent, type ShardOutcome } from "@infernet/sdk/client";
import { Market, type TestClient } from "./market.ts";

describe("a job through an aggregator", function () {
  this.timeout(180_000);
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

  it("returns checked results, a receipt that anyone can verify, and the rest of the money", async () => {
    const { client, port } = buyer!;
    const request = market.request(20);
    const quote = await client.quote(request);
    expect(quote).to.include({ items: 20, shards: 5 });
    expect(quote.price.worstCase).to.equal(await port.cost(quote.terms));
    const before = (await port.creditOf(request.token, port.account!)) + (await port.tokenBalance(request.token, port.account!));

    const job = await client.submitJob(request, { quote });
    const [events, outcomes]: [JobEvent[], ShardOutcome[]] = [[], []];
    const reading = Promise.all([
      (async () => {
        for await (const event of job.events()) events.push(event);
      })(),
      (async () => {
        for await (const outcome of job.results()) outcomes.push(outcome);
      })(),
    ]);
    const { output, data, receipt, cost, complete } = await job.result();
    await reading;

    expect(complete).to.equal(true);
    expect(fromUtf8(output).trimEnd().split("\n").map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)).to.deep.equal(Array.from({ length: 20 }, (_, i) => `line-${i + 1}`));
    expect(outcomes.map(({ first }) => first).sort((a, b) => a - b)).to.deep.equal([0, 4, 8, 12, 16]);
    expect(events.at(-1)!.event.type).to.equal("job-closed");
    const { cursor } = events[3]!;
    const resumed: JobEvent[] = [];
    for await (const event of job.events({ cursor })) resumed.push(event);
    expect(resumed).to.deep.equal(events.slice(4));
    expect((await job.status()).state).to.equal("completed");

    expect(cost.deposit).to.equal(cost.paid + cost.refunded + cost.fees.aggregator + cost.fees.protocol);
    expect(cost.paid).to.equal(10_000n);
    const after = (await port.creditOf(request.token, port.account!)) + (await port.tokenBalance(request.token, port.account!));
    expect(before - after).to.equal(cost.deposit - cost.refunded);

    const verdict = await verifyReceipt(JSON.parse(JSON.stringify(receipt)), { port, data, output });
    expect(verdict.checks.filter(({ ok }) => !ok)).to.deep.equal([]);
    expect(verdict.skipped).to.deep.equal([]);
  });
});
