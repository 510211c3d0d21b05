import { expect } from "chai";
import { EXTRA } from "../chain/index.ts";
import { takeoverAction } from "./crank-takeover.ts";
import { hex, History, PARAMETERS } from "./testing/history.ts";

const ROOT = hex("aa");
const { resolveWindow } = PARAMETERS;

/** Which batch shows the stall, and since when; undefined where there is none. */
function stall(history: History, node = 4): [batch: number, since: number] | undefined {
  const due = takeoverAction(history.view(), node, PARAMETERS);
  return due?.action.type === "replace-aggregator" ? [due.action.stalledBatch, due.dueSince] : undefined;
}

describe("taking over from an aggregator", () => {
  const job = (items = 8) => new History({ aggregator: 3, items });

  it("is possible a resolve window after the opening while nothing is drawn, for others only", () => {
    expect(stall(job())).to.deep.equal([0, 100 + resolveWindow]);
    expect(stall(job(), 3)).to.equal(undefined);
    expect(stall(new History())).to.equal(undefined);
  });

  it("is possible a resolve window after the end of the reveals of a drawn batch, however early they all came", () => {
    expect(stall(job().draw(110))).to.deep.equal([0, 110 + 20 + 10 + resolveWindow]);
    expect(stall(job().draw(110).reveal(112, 0, [ROOT, ROOT]).reveal(113, 1, [ROOT, ROOT]))).to.deep.equal([0, 113 + 10 + resolveWindow]);
  });

  it("needs a drawn batch that is not settled, once anything is drawn: the one that is overdue longest", () => {
    const large = job(4 * 32 * 3).draw(140, 1).draw(120, 2);
    expect(stall(large)).to.deep.equal([2, 120 + 30 + resolveWindow]);
    large.settle(150, 0, [], 2);
    expect(stall(large)).to.deep.equal([1, 140 + 30 + resolveWindow]);
    expect(stall(large.settle(180, 0, [], 1))).to.equal(undefined);
    large.tell(181, { type: "extra-opened", batch: EXTRA, kind: "replacement", shard: 0, item: 0 }).draw(182, EXTRA, [3]);
    expect(stall(large)).to.equal(undefined);
  });

  it("gives the newcomer the same time, and names a second takeover by another key", () => {
    const history = job().draw(110);
    const first = takeoverAction(history.view(), 5, PARAMETERS)!.key;
    history.tell(300, { type: "aggregator-replaced", stalled: 3, aggregator: 4 });
    expect(stall(history)).to.equal(undefined);
    expect(stall(history, 3)).to.deep.equal([0, 300 + resolveWindow]);
    expect(takeoverAction(history.view(), 5, PARAMETERS)!.key).not.to.equal(first);
    expect(history.view()).to.deep.include({ aggregator: 4, aggregatorSince: 300, replaced: [3] });
  });

  it("is over when the job is", () => {
    expect(stall(job().tell(101, { type: "job-closed", outcome: "cancelled", aggregatorFee: 0n, protocolFee: 0n, refund: 1n }))).to.equal(undefined);
  });
});
