import { revealEnd, type BatchView, type JobView, type ProtocolParameters } from "../chain/index.ts";

/** When a drawn batch can be counted, in chain time: as soon as every seat has shown or declined, at the latest when reveals end. */
export function countableAt(job: JobView, batch: BatchView): number {
  if (!batch.seats.every((seat) => seat.revealed !== undefined || seat.declined !== undefined)) return revealEnd(job, batch) ?? Infinity;
  const acts = job.events.filter((event) => (event.type === "declined" || event.type === "revealed") && event.batch === batch.number);
  return Math.max(...acts.map((event) => event.at.time));
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
