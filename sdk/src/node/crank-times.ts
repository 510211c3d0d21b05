import type { BatchView, JobView, ProtocolParameters } from "../chain/index.ts";

/** Whether every seat of a batch has revealed or declined: nothing more can come. */
export function allShown(batch: BatchView): boolean {
  return batch.seats.every((seat) => seat.revealed !== undefined || seat.declined !== undefined);
}

/** When the last seat acted for the first time (committed, declined, revealed directly); undefined while one is missing. */
export function allActedAt(job: JobView, batch: BatchView): number | undefined {
  const first = new Map<number, number>();
  for (const event of job.events) {
    if ((event.type !== "committed" && event.type !== "declined" && event.type !== "revealed") || event.batch !== batch.number) continue;
    if (!first.has(event.position)) first.set(event.position, event.at.time);
  }
  return first.size < batch.seats.length ? undefined : Math.max(...first.values());
}

/** Chain time, seconds, from which the reveals of a drawn batch are over; exclusive end of the reveal window. */
export function revealsEnd(job: JobView, batch: BatchView & { drawnAt: number }): number {
  return (allActedAt(job, batch) ?? batch.drawnAt + job.terms.commitWindow) + job.terms.revealWindow;
}

/** When a drawn batch can be counted: as soon as everybody has shown or declined, at the latest when reveals end. */
export function countableAt(job: JobView, batch: BatchView & { drawnAt: number }): number {
  if (!allShown(batch)) return revealsEnd(job, batch);
  const acts = job.events.filter((event) => (event.type === "declined" || event.type === "revealed") && event.batch === batch.number);
  return Math.max(batch.drawnAt, ...acts.map((event) => event.at.time));
}

/**
 * When anybody may give up waiting for an unhappy shard, as `Resolution` reckons it: two resolve
 * windows and both windows of the job after the last replacement, panel or new conflict.
 */
export function caseDeadline(job: JobView, shard: number, parameters: Pick<ProtocolParameters, "resolveWindow">): number {
  const patience = 2 * parameters.resolveWindow + job.terms.commitWindow + job.terms.revealWindow;
  let from = 0;
  let conflicting = false;
  for (const event of job.events) {
    if (event.type === "extra-opened" && event.shard === shard) from = event.at.time;
    if (event.type !== "shard-changed" || event.shard !== shard) continue;
    if (event.conflicting && !conflicting) from = event.at.time;
    conflicting = event.conflicting;
  }
  return from + patience;
}
