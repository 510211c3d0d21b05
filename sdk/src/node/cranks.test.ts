import { expect } from "chai";
import { EXTRA } from "../chain/index.ts";
import { dueActions, type CrankContext } from "./cranks.ts";
import { hex, History, PARAMETERS } from "./testing/history.ts";

const ROOT = hex("aa");
const OTHER = hex("bb");
const REPLACEMENT = EXTRA;
const PANEL = EXTRA + 1;

/** What is due, as "kind at dueSince". */
function due(history: History, time: number, context: Partial<CrankContext> = {}): string[] {
  return dueActions(history.view(), time, { parameters: PARAMETERS, ...context }).map(({ kind, dueSince }) => `${kind} ${dueSince}`);
}

/** A batch whose two replicas of shard 0 differ; shard 1 agrees. */
function conflict(): History {
  return new History()
    .draw(110)
    .reveal(112, 0, [ROOT, ROOT])
    .reveal(113, 1, [OTHER, ROOT])
    .settle(114, 0b10, [hex(0), ROOT])
    .tell(114, { type: "extra-opened", batch: REPLACEMENT, kind: "replacement", shard: 0, item: 0 })
    .tell(114, { type: "round-armed", batch: REPLACEMENT, round: 9n, epoch: 11n })
    .tell(114, { type: "shard-changed", shard: 0, status: "pending", conflicting: true, root: ROOT });
}

const OPENING = { item: 2, a: { replica: 0, resultDigest: ROOT, proof: [] }, b: { replica: 1, resultDigest: OTHER, proof: [] } };

describe("due actions", () => {
  it("draw what is undrawn, under another key when a stale round is named anew", () => {
    const history = new History();
    const [draw] = dueActions(history.view(), 100, { parameters: PARAMETERS });
    expect(draw).to.deep.include({ kind: "draw", job: history.job, dueSince: 100, action: { type: "draw", terms: history.terms, batches: [0] } });
    history.tell(130, { type: "round-armed", batch: "all", round: 8n, epoch: 13n });
    const [again] = dueActions(history.view(), 130, { parameters: PARAMETERS });
    expect(again!.key).not.to.equal(draw!.key);
    expect(again!.dueSince).to.equal(130);
  });

  it("draw the batches of a large job in groups, and leave drawn ones out", () => {
    const history = new History({ items: 4 * 32 * 20 }).draw(101, 3);
    const actions = dueActions(history.view(), 101, { parameters: PARAMETERS }).map(({ action }) => action);
    const batches = actions.flatMap((action) => (action.type === "draw" ? [action.batches.length] : []));
    expect(batches).to.deep.equal([8, 8, 3]);
  });

  it("expire what nobody drew before the deadline", () => {
    expect(due(new History(), 1000)).to.deep.equal(["draw 100"]);
    expect(due(new History(), 1001)).to.deep.equal(["expire 1001"]);
  });

  it("settle as soon as everybody has revealed, with the lists in the order of the committee", () => {
    const history = new History().draw(110).reveal(112, 1, [OTHER, ROOT]);
    expect(due(history, 139)).to.deep.equal([]);
    history.reveal(115, 0, [ROOT, ROOT]);
    const [settle] = dueActions(history.view(), 115, { parameters: PARAMETERS });
    expect(settle).to.deep.include({ kind: "settle", dueSince: 115, action: { type: "settle", terms: history.terms, batch: 0, lists: [[ROOT, ROOT], [OTHER, ROOT]] } });
  });

  it("settle without those who stay away when the reveals are over", () => {
    const nobody = new History().draw(110);
    expect(due(nobody, 139)).to.deep.equal([]);
    expect(due(nobody, 140)).to.deep.equal(["settle 140"]);
    // Reveals begin when everybody has committed: one declines, one commits and stays silent.
    const silent = new History().draw(110).commit(111, 0).tell(112, { type: "declined", batch: 0, position: 1, reason: 2 });
    expect(due(silent, 121)).to.deep.equal([]);
    const [settle] = dueActions(silent.view(), 122, { parameters: PARAMETERS });
    expect(settle!.action).to.deep.include({ type: "settle", lists: [[], []] });
  });

  it("finalise after the challenge window, once", () => {
    const history = new History().draw(110).reveal(112, 0, [ROOT, ROOT]).reveal(113, 1, [ROOT, ROOT]).settle(114, 0b11, [ROOT, ROOT]);
    expect(due(history, 118)).to.deep.equal([]);
    expect(due(history, 119)).to.deep.equal(["finalise 119"]);
    history.tell(119, { type: "batch-finalised", batch: 0, payees: [] });
    expect(due(history, 200)).to.deep.equal([]);
  });

  it("open a conflict at once with an opening, as a whole after the resolve window without", () => {
    const kinds = (time: number, context: Partial<CrankContext> = {}) => due(conflict(), time, context).filter((one) => one.startsWith("open"));
    expect(kinds(115)).to.deep.equal([]);
    expect(kinds(115, { openings: () => OPENING })).to.deep.equal(["open-conflict 114"]);
    expect(kinds(144)).to.deep.equal(["open-whole-conflict 144"]);
  });

  it("draw a replacement until the case is given up, then give it up", () => {
    expect(due(conflict(), 115)).to.deep.equal(["draw 114"]);
    const deadline = 114 + 2 * 30 + 20 + 10;
    expect(due(conflict(), deadline - 1)).to.include("draw 114");
    expect(due(conflict(), deadline)).not.to.include("draw 114");
    expect(due(conflict(), deadline - 1).filter((one) => one.startsWith("advance"))).to.deep.equal([]);
    expect(due(conflict(), deadline)).to.include(`advance ${deadline}`);
  });

  it("give no case up before what was drawn for it could be counted", () => {
    const late = 114 + 2 * 30 + 20 + 10 - 1;
    const history = conflict().draw(late, REPLACEMENT, [2]);
    const given = (time: number) => due(history, time).filter((one) => one.startsWith("advance"));
    const counted = late + 20 + 10 + 30;
    expect(given(counted - 1)).to.deep.equal([]);
    expect(given(counted)).to.deep.equal([`advance ${counted}`]);
  });

  it("draw and judge a panel, and do not open the conflict again while it works", () => {
    const history = conflict()
      .tell(116, { type: "extra-opened", batch: PANEL, kind: "item-panel", shard: 0, item: 2 })
      .tell(116, { type: "round-armed", batch: PANEL, round: 12n, epoch: 11n });
    expect(due(history, 116, { openings: () => OPENING })).to.deep.equal(["draw 114", "draw 116"]);
    history.draw(118, PANEL, [2, 3, 4]).reveal(119, 0, [ROOT], PANEL).reveal(119, 1, [ROOT], PANEL);
    const before = dueActions(history.view(), 147, { parameters: PARAMETERS });
    expect(before.some(({ kind }) => kind === "judge")).to.equal(false);
    const judge = dueActions(history.view(), 148, { parameters: PARAMETERS }).find(({ kind }) => kind === "judge");
    expect(judge).to.deep.include({ dueSince: 148, action: { type: "judge", terms: history.terms, panel: PANEL, results: [ROOT, ROOT, hex(0)] } });
  });

  it("open a second conflict under another key", () => {
    const opened = (history: History) => dueActions(history.view(), 130, { parameters: PARAMETERS, openings: () => OPENING }).find(({ kind }) => kind === "open-conflict")?.key;
    const first = opened(conflict());
    const second = opened(
      conflict()
        .tell(116, { type: "extra-opened", batch: PANEL, kind: "item-panel", shard: 0, item: 2 })
        .draw(117, PANEL, [2, 3, 4])
        .tell(120, { type: "verdict-reached", shard: 0, panel: PANEL, verdict: ROOT, convictedMask: 2 })
        .tell(120, { type: "shard-changed", shard: 0, status: "pending", conflicting: true, root: ROOT }),
    );
    expect(first).to.be.a("string");
    expect(second).to.be.a("string").and.not.to.equal(first);
  });

  it("settle a replacement and pay an agreed shard after the challenge window", () => {
    const history = conflict().draw(116, REPLACEMENT, [5]).reveal(117, 0, [ROOT], REPLACEMENT);
    expect(due(history, 117)).to.deep.equal(["settle 117"]);
    history.settle(118, 0, [], REPLACEMENT).tell(118, { type: "shard-changed", shard: 0, status: "agreed", conflicting: false, root: ROOT });
    expect(due(history, 122)).to.deep.equal(["finalise 119"]);
    expect(due(history, 123)).to.deep.equal(["finalise 119", "advance 123"]);
  });

  it("punish faults, execute slashes when they are due, also after the job has closed", () => {
    const history = new History()
      .draw(110)
      .settle(140, 0, [hex(0), hex(0)])
      .tell(140, { type: "fault-found", batch: 0, position: 0, fault: "missed" }, { type: "fault-found", batch: 0, position: 1, fault: "silent" })
      .tell(141, { type: "batch-finalised", batch: 0, payees: [] })
      .tell(141, { type: "job-closed", outcome: "refunded", aggregatorFee: 0n, protocolFee: 0n, refund: 1n })
      .tell(142, { type: "slash-proposed", slash: 4n, node: 9, fault: "wrong", amount: 5n, due: 150, prover: "" });
    expect(due(history, 149)).to.deep.equal(["punish 140", "punish 140"]);
    expect(due(history, 150)).to.deep.equal(["punish 140", "punish 140", "execute-slash 150"]);
  });

  it("have distinct keys", () => {
    const keys = dueActions(conflict().view(), 10_000, { parameters: PARAMETERS }).map(({ key }) => key);
    expect(new Set(keys).size).to.equal(keys.length);
  });
});
