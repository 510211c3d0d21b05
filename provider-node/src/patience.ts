import { sha256, utf8 } from "@infernet/sdk/core";
import type { JobView } from "@infernet/sdk/chain";
import type { DueAction } from "@infernet/sdk/node";
import type { Seat } from "./seats.ts";

/** Places in the queue of those who have no seat in a job yet: a dozen, or a draw could wait for a whole pool. */
const PLACES = 12;
/** Blocks between two of them: one to send, one to see that somebody else has. */
const BLOCKS = 2;

/**
 * Blocks that this node leaves an action to others. Everybody may turn every crank and it pays
 * little, so all members of a committee stand in a queue behind the aggregator, and all members of
 * the pool where there is no committee yet. A round that had to be armed again shows that nobody came
 * in time: where epochs are short the queue is longer than one of them, so then nobody queues.
 */
export function patienceBlocks(job: JobView, seats: readonly Seat[], node: number): number {
  if (seats.length === 0 && job.round.at > job.openedAt) return BLOCKS;
  const place = seats.length > 0 ? Math.min(...seats.map(({ position }) => position)) : Number(BigInt(sha256(utf8(`${job.id}:${node}`))) % BigInt(PLACES));
  return BLOCKS * (place + 1);
}

/** What this node would do for a job after its patience: everything where it has a seat, else only bring it to its draw. */
export function ownShare(actions: readonly DueAction[], seats: readonly Seat[], patienceSeconds: number): DueAction[] {
  return actions
    .filter(({ kind }) => seats.length > 0 || kind === "draw" || kind === "expire")
    .map((action) => ({ ...action, dueSince: action.dueSince + patienceSeconds }));
}
