import { revealEnd, type BatchView, type JobView, type ProtocolParameters } from "../chain/index.ts";

/** When a drawn batch can be counted, in chain time: as soon as every seat has shown or declined, at the latest when reveals end. */
export function countableAt(job: JobView, batch: BatchView): number {
  if (!batch.seats.every((seat) => seat.revealed !== undefined || seat.declined !== undefined)) return revealEnd(job, batch) ?? Infinity;
  const acts = job.events.filter((event) => (event.type === "declined" || event.type === "revealed") && event.batch === batch.number);
  return Math.max(...acts.map((event) => event.at.time));
}

/**
 * When anybody may give up waiting for an unhappy shard, as `Resolution` reckons it: two resolve
 * windows and both windows of the job after the last news of it, and not before what was drawn for it
 * could be counted, which gets one resolve window.
 */
export function caseDeadline(job: JobView, shard: number, parameters: Pick<ProtocolParameters, "resolveWindow">): number {
  const { resolveWindow } = parameters;
  const windows = job.terms.commitWindow + job.terms.revealWindow;
  let deadline = 0;
  for (const event of job.events) {
    const news = (event.type === "extra-opened" || event.type === "shard-changed") && event.shard === shard;
    const drawn = event.type === "batch-drawn" && job.batches.get(event.batch)?.extra?.shard === shard;
    if (news) deadline = event.at.time + windows + 2 * resolveWindow;
    else if (drawn) deadline = Math.max(deadline, event.at.time + windows + resolveWindow);
  }
  return deadline;
}
