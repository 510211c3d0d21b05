import type { Hex32 } from "@infernet/sdk/core";
import { DECLINE, type DeclineReason } from "./decline.ts";

/** What a finished seat shows: journaled with its salt before anything of it goes to the chain. */
export interface SeatOutput {
  readonly roots: readonly Hex32[];
  readonly dataDigest: Hex32;
  readonly salt: Hex32;
}

/** What the chain says about a seat of this node. Times in seconds of chain time. */
export interface SeatFacts {
  readonly drawnAt: number;
  /** No commit, decline or direct reveal from here on. */
  readonly commitEnd: number;
  /** No reveal from here on. */
  readonly revealEnd: number;
  /** Every other seat of the batch has committed, declined or revealed. */
  readonly othersActed: boolean;
  readonly committed: boolean;
  readonly declined: boolean;
  readonly revealed: boolean;
  /** The batch is settled: nothing that the seat does counts any more. */
  readonly over: boolean;
}

/** How far the work of a seat has come on this host. */
export type Work =
  | { readonly stage: "waiting"; readonly attempts: number; readonly notBefore: number; readonly reason: DeclineReason | null }
  | { readonly stage: "fetching"; readonly attempts: number }
  | { readonly stage: "executing"; readonly attempts: number }
  | { readonly stage: "impossible"; readonly reason: DeclineReason }
  | { readonly stage: "done"; readonly output: SeatOutput };

/** What happens to the work of a seat. */
export type WorkEvent =
  | { readonly type: "begun" }
  | { readonly type: "fetched" }
  | { readonly type: "done"; readonly output: SeatOutput }
  | { readonly type: "failed"; readonly reason: DeclineReason; readonly retryable: boolean; readonly time: number };

/** What to do about a seat now. */
export type Decision =
  | { readonly do: "wait" | "work" | "commit" | "give-up" }
  | { readonly do: "decline"; readonly reason: DeclineReason }
  | { readonly do: "reveal"; /** Without a commitment, as the last of the committee. */ readonly direct: boolean };

/** Where a seat stands, for people. */
export type Phase = "drawn" | "fetching" | "executing" | "ready" | "committed" | "revealed" | "declined" | "lapsed";

/** Seconds that a transaction needs to arrive, and that a decline is sent before it would be too late. */
export interface Margins {
  readonly send: number;
  readonly decline: number;
}

/** Work of a seat that has just been drawn. */
export const FRESH: Work = { stage: "waiting", attempts: 0, notBefore: 0, reason: null };
const LONGEST_PAUSE = 60;

/** The work after an event. An event that does not fit the stage changes nothing. */
export function reduceWork(work: Work, event: WorkEvent): Work {
  if (work.stage === "done" || work.stage === "impossible") return work;
  switch (event.type) {
    case "begun":
      return work.stage === "waiting" ? { stage: "fetching", attempts: work.attempts + 1 } : work;
    case "fetched":
      return work.stage === "fetching" ? { stage: "executing", attempts: work.attempts } : work;
    case "done":
      return { stage: "done", output: event.output };
    case "failed":
      if (!event.retryable) return { stage: "impossible", reason: event.reason };
      return { stage: "waiting", attempts: work.attempts, notBefore: event.time + Math.min(2 ** (work.attempts - 1), LONGEST_PAUSE), reason: event.reason };
  }
}

/**
 * What to do about a seat. A pure function of what the chain says, what was journaled and the
 * time: a process that starts again decides as the one before it would have.
 * @param time - chain time of the newest block
 */
export function decide(facts: SeatFacts, work: Work, time: number, margins: Margins): Decision {
  if (facts.revealed || facts.declined) return { do: "wait" };
  if (facts.over) return { do: "give-up" };
  if (facts.committed) return decideReveal(facts, work, time);
  const { send, decline } = within(facts, margins);
  if (time + send >= facts.commitEnd) return { do: "give-up" };
  if (work.stage === "done") return facts.othersActed ? { do: "reveal", direct: true } : { do: "commit" };
  if (work.stage === "impossible") return { do: "decline", reason: work.reason };
  if (time + send + decline >= facts.commitEnd) return { do: "decline", reason: unfinished(work) };
  return { do: work.stage === "waiting" && time >= work.notBefore ? "work" : "wait" };
}

/** Where a seat stands. */
export function phaseOf(facts: SeatFacts, work: Work, time: number, margins: Margins): Phase {
  if (facts.revealed) return "revealed";
  if (facts.declined) return "declined";
  if (decide(facts, work, time, margins).do === "give-up") return "lapsed";
  if (facts.committed) return "committed";
  if (work.stage === "done") return "ready";
  return work.stage === "fetching" || work.stage === "executing" ? work.stage : "drawn";
}

/** A committed seat must be opened: silence costs the whole lock, so it is tried to the last second. */
function decideReveal(facts: SeatFacts, work: Work, time: number): Decision {
  if (time >= facts.revealEnd || work.stage === "impossible") return { do: "give-up" };
  // The journal is lost. The same work and the salt, which the key gives again, open the commitment all the same.
  if (work.stage !== "done") return { do: work.stage === "waiting" && time >= work.notBefore ? "work" : "wait" };
  return facts.othersActed || time >= facts.commitEnd ? { do: "reveal", direct: false } : { do: "wait" };
}

/** Short windows (development chains) leave no room for the usual margins. */
function within({ drawnAt, commitEnd }: SeatFacts, { send, decline }: Margins): Margins {
  const most = Math.floor((commitEnd - drawnAt) / 5);
  return { send: Math.min(send, most), decline: Math.min(decline, most) };
}

function unfinished(work: Work): DeclineReason {
  if (work.stage === "waiting") return work.reason ?? DECLINE.tooSlow;
  return work.stage === "fetching" ? DECLINE.cannotFetch : DECLINE.tooSlow;
}
