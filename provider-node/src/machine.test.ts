import { expect } from "chai";
import { DECLINE } from "./decline.ts";
import { decide, FRESH, phaseOf, reduceWork, type Decision, type SeatFacts, type Work, type WorkEvent } from "./machine.ts";

const ROOT = `0x${"11".repeat(32)}` as const;
const OUTPUT = { roots: [ROOT], dataDigest: ROOT, salt: ROOT };
const DONE: Work = { stage: "done", output: OUTPUT };
const MARGINS = { send: 4, decline: 12 };

/** A seat drawn at 1000 with a commit window of 100 s. */
const facts = (change: Partial<SeatFacts> = {}): SeatFacts => ({
  drawnAt: 1000,
  commitEnd: 1100,
  revealEnd: 1130,
  othersActed: false,
  committed: false,
  declined: false,
  revealed: false,
  over: false,
  ...change,
});
const after = (...events: WorkEvent[]): Work => events.reduce(reduceWork, FRESH);
const at = (time: number, change: Partial<SeatFacts>, work: Work): Decision => decide(facts(change), work, time, MARGINS);
const failed = (retryable: boolean, time = 1010): WorkEvent => ({ type: "failed", reason: DECLINE.cannotFetch, retryable, time });

describe("the work of a seat", () => {
  it("goes from fetching over executing to done", () => {
    expect(after({ type: "begun" }).stage).to.equal("fetching");
    expect(after({ type: "begun" }, { type: "fetched" }).stage).to.equal("executing");
    expect(after({ type: "begun" }, { type: "fetched" }, { type: "done", output: OUTPUT })).to.deep.equal(DONE);
  });

  it("waits longer after every failure that may pass", () => {
    let work = FRESH;
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      work = [{ type: "begun" } as const, failed(true, 0)].reduce(reduceWork, work);
      pauses.push((work as { notBefore: number }).notBefore);
    }
    expect(pauses).to.deep.equal([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("ends with a failure that will not pass, and nothing undoes a result", () => {
    expect(after({ type: "begun" }, failed(false))).to.deep.equal({ stage: "impossible", reason: DECLINE.cannotFetch });
    expect([{ type: "begun" } as const, { type: "fetched" } as const, failed(false)].reduce(reduceWork, DONE)).to.equal(DONE);
  });

  it("ignores what does not fit", () => {
    expect(after({ type: "fetched" })).to.equal(FRESH);
    expect(after({ type: "begun" }, { type: "begun" })).to.deep.equal(after({ type: "begun" }));
  });
});

describe("what to do about a seat", () => {
  it("begins the work when it is drawn, and again when the pause after a failure is over", () => {
    expect(at(1001, {}, FRESH)).to.deep.equal({ do: "work" });
    const work = after({ type: "begun" }, failed(true));
    expect(at(1010, {}, work)).to.deep.equal({ do: "wait" });
    expect(at(1011, {}, work)).to.deep.equal({ do: "work" });
  });

  it("commits when it is ready, and reveals at once where it is the last", () => {
    expect(at(1020, {}, DONE)).to.deep.equal({ do: "commit" });
    expect(at(1020, { othersActed: true }, DONE)).to.deep.equal({ do: "reveal", direct: true });
  });

  it("reveals when everybody has acted or the commit window is over, up to the last second", () => {
    const committed = { committed: true };
    expect(at(1099, committed, DONE)).to.deep.equal({ do: "wait" });
    expect(at(1050, { ...committed, othersActed: true }, DONE)).to.deep.equal({ do: "reveal", direct: false });
    expect(at(1100, committed, DONE)).to.deep.equal({ do: "reveal", direct: false });
    expect(at(1129, committed, DONE)).to.deep.equal({ do: "reveal", direct: false });
    expect(at(1130, committed, DONE)).to.deep.equal({ do: "give-up" });
  });

  it("sends no commit that cannot arrive in time", () => {
    expect(at(1095, {}, DONE)).to.deep.equal({ do: "commit" });
    for (const time of [1096, 1100, 2000]) expect(at(time, {}, DONE)).to.deep.equal({ do: "give-up" });
  });

  it("declines at once what is impossible, and shortly before the end what is not finished, with the reason", () => {
    expect(at(1020, {}, after({ type: "begun" }, failed(false)))).to.deep.equal({ do: "decline", reason: DECLINE.cannotFetch });
    const unfinished: [Work, number][] = [
      [FRESH, DECLINE.tooSlow],
      [after({ type: "begun" }), DECLINE.cannotFetch],
      [after({ type: "begun" }, { type: "fetched" }), DECLINE.tooSlow],
      [after({ type: "begun" }, { type: "failed", reason: DECLINE.cannotRun, retryable: true, time: 1080 }), DECLINE.cannotRun],
    ];
    for (const [work, reason] of unfinished) {
      expect(at(1083, {}, work).do).not.to.equal("decline");
      expect(at(1084, {}, work)).to.deep.equal({ do: "decline", reason });
      expect(at(1096, {}, work)).to.deep.equal({ do: "give-up" });
    }
  });

  it("gives up what is settled", () => {
    expect(at(1020, { over: true }, DONE)).to.deep.equal({ do: "give-up" });
  });

  it("does the work of a commitment again whose journal is lost, and reveals it", () => {
    const committed = { committed: true, othersActed: true };
    expect(at(1050, committed, FRESH)).to.deep.equal({ do: "work" });
    expect(at(1050, committed, DONE)).to.deep.equal({ do: "reveal", direct: false });
    expect(at(1130, committed, FRESH)).to.deep.equal({ do: "give-up" });
  });

  it("waits when everything is said", () => {
    for (const said of [{ revealed: true }, { declined: true }]) for (const time of [1001, 1099, 1200]) expect(at(time, said, DONE)).to.deep.equal({ do: "wait" });
  });

  it("leaves room for the work in windows as short as the margins", () => {
    const short = { commitEnd: 1005 };
    expect(at(1001, short, FRESH)).to.deep.equal({ do: "work" });
    expect(at(1003, short, DONE)).to.deep.equal({ do: "commit" });
    expect(at(1003, short, FRESH)).to.deep.include({ do: "decline" });
    expect(at(1004, short, DONE)).to.deep.equal({ do: "give-up" });
  });

  it("never commits, declines or reveals outside its windows, whatever the state", () => {
    const works = [FRESH, DONE, after({ type: "begun" }), after({ type: "begun" }, failed(false)), after({ type: "begun" }, failed(true))];
    for (const work of works)
      for (let bits = 0; bits < 32; bits++)
        for (let time = 1000; time < 1140; time++) {
          const [othersActed, committed, declined, revealed, over] = [1, 2, 4, 8, 16].map((bit) => (bits & bit) !== 0) as [boolean, boolean, boolean, boolean, boolean];
          const seat = facts({ othersActed, committed, declined, revealed, over });
          const decision = decide(seat, work, time, MARGINS);
          if (decision.do === "commit" || decision.do === "decline") expect(time < seat.commitEnd - MARGINS.send && !committed && !declined && !revealed && !over).to.equal(true);
          if (decision.do === "reveal") expect(work.stage === "done" && !revealed && !declined && !over && time < seat.revealEnd && (decision.direct ? othersActed && !committed : committed)).to.equal(true);
        }
  });
});

describe("the phase of a seat", () => {
  it("is named for people", () => {
    const phase = (time: number, change: Partial<SeatFacts>, work: Work) => phaseOf(facts(change), work, time, MARGINS);
    expect(phase(1001, {}, FRESH)).to.equal("drawn");
    expect(phase(1001, {}, after({ type: "begun" }))).to.equal("fetching");
    expect(phase(1001, {}, after({ type: "begun" }, { type: "fetched" }))).to.equal("executing");
    expect(phase(1001, {}, DONE)).to.equal("ready");
    expect(phase(1001, { committed: true }, DONE)).to.equal("committed");
    expect(phase(1001, { revealed: true }, DONE)).to.equal("revealed");
    expect(phase(1001, { declined: true }, FRESH)).to.equal("declined");
    expect(phase(1140, {}, DONE)).to.equal("lapsed");
  });
});
