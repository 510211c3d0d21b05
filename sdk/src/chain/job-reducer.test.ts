import { expect } from "chai";
import { EXTRA } from "./events.ts";
import { applyEvent, foldJob } from "./job-reducer.ts";
import { actedAt, caseReplicas, committedPositions, missingPositions, revealedPositions, revealEnd, shardsOfSeat } from "./job-seats.ts";
import { hash, history, opened, TERMS, type Told } from "./testing/history.ts";

const JOB = hash("job");
const ROOTS = Array.from({ length: 20 }, (_, i) => hash(`root ${i}`));
const drawn: Told = { type: "batch-drawn", batch: 0, committee: [5, 6, 7, 8], slots: 16 };
const small: Told = { type: "batch-drawn", batch: 1, committee: [5, 6], slots: 2 };
const committed = (batch: number, position: number): Told => ({ type: "committed", batch, position, commitment: hash("c") });
const declined = (batch: number, position: number, reason = 1): Told => ({ type: "declined", batch, position, reason });
const revealed = (batch: number, position: number, roots = ROOTS): Told => ({ type: "revealed", batch, position, roots, dataDigest: hash(`data ${position}`) });
const settled = (batch: number, agreedMask = 0): Told => ({ type: "batch-settled", batch, agreedMask, roots: [] });
const fold = (...facts: Told[]) => foldJob(history(JOB, [opened, ...facts]), (_, member) => member + 100);

describe("the view of a job", () => {
  it("needs its opening, and ignores other jobs", () => {
    expect(() => foldJob(history(JOB, [drawn]))).to.throw().with.property("code", "job_not_found");
    const view = foldJob([...history(JOB, [opened]), ...history(hash("other"), [opened, drawn])]);
    expect(view.events).to.have.length(1);
    expect(applyEvent(undefined, history(JOB, [drawn])[0]!)).to.equal(undefined);
  });

  it("keeps the job's round apart from those of replacements", () => {
    const view = fold({ type: "round-armed", batch: "all", round: 5n, epoch: 2n }, { type: "round-armed", batch: EXTRA, round: 6n, epoch: 2n });
    expect(view.round).to.deep.equal({ round: 5n, epoch: 2n, at: 20 });
    expect(view.rounds.get(EXTRA)).to.deep.equal({ round: 6n, epoch: 2n, at: 30 });
  });

  it("knows who has acted, and from when on nobody can any more", () => {
    const view = fold(drawn, committed(0, 0), committed(0, 2), declined(0, 3));
    const batch = view.batches.get(0)!;
    expect(committedPositions(batch)).to.deep.equal([0, 2]);
    expect(missingPositions(batch)).to.deep.equal([1]);
    expect(actedAt(view, batch)).to.equal(undefined);
    expect(revealEnd(view, batch)).to.equal(20 + 60 + 30);
    const later = fold(drawn, committed(0, 0), committed(0, 2), declined(0, 3), revealed(0, 1), revealed(0, 0));
    const after = later.batches.get(0)!;
    expect(committedPositions(after), "a direct reveal is a commitment").to.deep.equal([0, 1, 2]);
    expect(revealedPositions(after)).to.deep.equal([0, 1]);
    expect(actedAt(later, after)).to.equal(60);
    expect(revealEnd(later, after)).to.equal(90);
    expect(revealEnd(later, { number: 5, seats: [], faults: new Map() })).to.equal(undefined);
  });

  it("waives declines only when k members of a regular batch give the same reason", () => {
    const faults = (...facts: Told[]) => [...fold(drawn, ...facts, settled(0)).batches.get(0)!.faults];
    expect(faults(declined(0, 0, 1), declined(0, 1, 2))).to.deep.equal([[0, "declined"], [1, "declined"]]);
    expect(faults(declined(0, 0, 1), declined(0, 1, 2), declined(0, 3, 2))).to.deep.equal([[0, "declined"]]);
    const replacement: Told = { type: "extra-opened", batch: EXTRA, kind: "replacement", shard: 3, item: 0 };
    const seat: Told = { type: "batch-drawn", batch: EXTRA, committee: [9], slots: 1 };
    expect([...fold(replacement, seat, declined(EXTRA, 0), settled(EXTRA)).batches.get(EXTRA)!.faults]).to.deep.equal([[0, "declined"]]);
  });

  it("takes a punished fault off its seat; of several of a node it does so with the last", () => {
    const found = (batch: number, position: number, fault: "missed" | "silent"): Told => ({ type: "fault-found", batch, position, fault });
    const both = [drawn, small, found(0, 0, "missed"), found(1, 0, "missed"), found(0, 1, "silent")];
    const punished: Told = { type: "fault-penalised", node: 105, fault: "missed", amount: 5n, prover: "p" };
    const once = fold(...both, punished);
    expect(once.batches.get(0)!.faults.has(0) && once.batches.get(1)!.faults.has(0), "which one is not said").to.equal(true);
    const twice = fold(...both, punished, punished);
    expect([...twice.batches.get(0)!.faults]).to.deep.equal([[1, "silent"]]);
    expect(twice.batches.get(1)!.faults.size).to.equal(0);
    const again = fold(...both, punished, punished, { ...small, batch: 2 } as Told, found(2, 0, "missed"), punished);
    expect(again.batches.get(2)!.faults.size).to.equal(0);
    const slashed = fold(...both, { type: "slash-proposed", slash: 1n, node: 106, fault: "silent", amount: 7n, due: 99, prover: "p" }, { type: "slash-executed", slash: 1n, amount: 7n });
    expect(slashed.batches.get(0)!.faults.has(1)).to.equal(false);
    expect(slashed.slashes).to.deep.equal([{ slash: 1n, node: 106, fault: "silent", amount: 7n, due: 99, state: "executed" }]);
    const wrong = fold(...both, { type: "slash-proposed", slash: 1n, node: 106, fault: "wrong", amount: 7n, due: 99, prover: "p" }, { type: "slash-cancelled", slash: 1n });
    expect(wrong.batches.get(0)!.faults.has(1)).to.equal(true);
    expect(wrong.slashes[0]!.state).to.equal("cancelled");
  });

  it("numbers the replicas of an unhappy shard as the contracts do", () => {
    const changed = (status: "pending" | "agreed", root = hash("r")): Told => ({ type: "shard-changed", shard: 33, status, conflicting: status === "pending", root });
    const facts: Told[] = [
      small, revealed(1, 0, [hash("a"), hash("b")]), revealed(1, 1, [hash("c"), hash("d")]), settled(1),
      { type: "extra-opened", batch: EXTRA, kind: "replacement", shard: 33, item: 0 }, changed("pending"),
      { type: "batch-drawn", batch: EXTRA, committee: [3], slots: 1 }, revealed(EXTRA, 0, [hash("e")]),
    ];
    const open = fold(...facts);
    expect(open.shards.get(33)).to.include({ status: "pending", since: 70, conflicting: true, root: null }); // since it conflicts
    expect(caseReplicas(open, 33).map(({ batch, position, member, root }) => ({ batch, position, member, root }))).to.deep.equal([
      { batch: 1, position: 1, member: 6, root: hash("d") },
      { batch: 1, position: 0, member: 5, root: hash("b") },
      { batch: EXTRA, position: 0, member: 3, root: null }, // it counts when it is settled
    ]);
    const done = fold(...facts, settled(EXTRA), { type: "replica-convicted", shard: 33, replica: 0 }, changed("agreed"));
    expect(caseReplicas(done, 33).map(({ root, dataDigest, convicted }) => ({ root, dataDigest, convicted }))).to.deep.equal([
      { root: hash("d"), dataDigest: hash("data 1"), convicted: true },
      { root: hash("b"), dataDigest: hash("data 0"), convicted: false },
      { root: hash("e"), dataDigest: hash("data 0"), convicted: false },
    ]);
    expect(done.shards.get(33)).to.include({ status: "agreed", since: 120, root: hash("r") });
    expect(shardsOfSeat(done, 1, 0)).to.deep.equal([32, 33]);
    expect(shardsOfSeat(done, EXTRA, 0)).to.deep.equal([33]);
    expect(() => shardsOfSeat(done, EXTRA + 1, 0)).to.throw().with.property("code", "invalid_argument");
  });

  it("follows a panel from its order to its verdict", () => {
    const order: Told = { type: "extra-opened", batch: EXTRA, kind: "item-panel", shard: 1, item: 1 };
    const panel: Told = { type: "batch-drawn", batch: EXTRA, committee: [1, 2, 3], slots: 1 };
    expect(fold(order, panel).shards.get(1)!.panel).to.equal(EXTRA);
    for (const end of [{ type: "verdict-reached", shard: 1, panel: EXTRA, verdict: hash("v"), convictedMask: 1 }, { type: "panel-tied", shard: 1, panel: EXTRA }] as Told[]) {
      const view = fold(order, panel, end);
      // a tie may wait for a replacement, and its panel keeps others out until then
      expect(view.shards.get(1)!.panel).to.equal(end.type === "panel-tied" ? EXTRA : null);
      expect(view.batches.get(EXTRA)!.settled!.at).to.equal(40);
    }
  });

  it("ends", () => {
    const view = fold({ type: "aggregator-replaced", stalled: 9, aggregator: 4 }, drawn, { type: "batch-finalised", batch: 0, payees: [] }, { type: "job-closed", outcome: "partial", aggregatorFee: 1n, protocolFee: 2n, refund: 3n });
    expect(view).to.deep.include({ aggregator: 4, closed: { outcome: "partial", aggregatorFee: 1n, protocolFee: 2n, refund: 3n } });
    expect(view.batches.get(0)!.finalised).to.equal(true);
    expect(view.terms).to.equal(TERMS);
  });
});
