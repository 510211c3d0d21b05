import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { networkHelpers } from "./core.fixture.ts";
import { type GasReport, measure, warmUp } from "./gas.measure.ts";
import { deployNetwork } from "./network.fixture.ts";

const SNAPSHOT = new URL("gas.snapshot.json", import.meta.url);
/** Calldata and tree paths vary with the draw: by less than this. */
const TOLERANCE = 0.02;

async function warmed() {
  const net = await deployNetwork();
  await warmUp(net);
  return net;
}

describe("Gas of a job in which nobody misbehaves (k = 2, open to claim)", () => {
  const reports: Record<string, GasReport> = {};

  for (const [shards, limit] of [[4, 250_000], [32, 70_000]] as const) {
    it(`stays within ${limit} a shard at ${shards} shards a batch`, async () => {
      const net = await networkHelpers.loadFixture(warmed);
      const report = await measure(net, shards, 1n);
      reports[shards] = report;
      expect(report.perShard).to.be.at.most(limit);
      expect(report.open).to.be.at.most(150_000);
    });
  }

  it("does not depend on the number of items", async () => {
    const few = await measure(await networkHelpers.loadFixture(warmed), 4, 1n, 10n);
    const many = await measure(await networkHelpers.loadFixture(warmed), 4, 1n, 1_000_000n);
    expect(Math.abs(few.total - many.total) / few.total).to.be.lessThan(TOLERANCE);
  });

  // UPDATE_SNAPSHOTS=1 writes it anew; the diff is for review.
  it("equals the committed snapshot", () => {
    if (process.env["UPDATE_SNAPSHOTS"] === "1") writeFileSync(SNAPSHOT, `${JSON.stringify(reports, null, 2)}\n`);
    const snapshot = JSON.parse(readFileSync(SNAPSHOT, "utf8")) as typeof reports;
    expect(Object.keys(snapshot)).to.deep.equal(Object.keys(reports));
    for (const [shards, report] of Object.entries(reports)) {
      for (const key of Object.keys(report) as (keyof GasReport)[]) {
        const was = snapshot[shards]![key];
        expect(report[key] / was, `${key} at ${shards} shards: ${report[key]}, was ${was}`).to.be.within(1 - TOLERANCE, 1 + TOLERANCE);
      }
    }
  });
});
