import type { BatchView, JobView } from "../chain/index.ts";
import { caseDeadline } from "./crank-times.ts";
import type { AddAction, CrankContext } from "./cranks.ts";

/** What the unhappy shards of a job need: a panel, payment, or an end to the waiting. */
export function caseActions(job: JobView, { parameters, openings }: CrankContext, add: AddAction): void {
  const { terms } = job;
  if (job.closed) return;
  for (const [shard, unhappy] of job.shards) {
    if (unhappy.status === "agreed") add(`${shard}`, unhappy.since + terms.challengeWindow, { type: "advance", terms, shard });
    if (unhappy.status !== "pending") continue;
    add(`${shard}`, caseDeadline(job, shard, parameters), { type: "advance", terms, shard });
    if (!unhappy.conflicting || unhappy.panel !== null) continue;
    const round = panelsOf(job, shard).length;
    const opening = openings?.(shard) ?? null;
    if (opening !== null) add(`${shard}:${round}`, unhappy.since, { type: "open-conflict", terms, shard, ...opening });
    else add(`${shard}:${round}`, unhappy.since + parameters.resolveWindow, { type: "open-whole-conflict", terms, shard });
  }
}

/** Whether a replacement or panel that is not drawn yet may still be drawn, and makes sense. */
export function extraIsWanted(job: JobView, batch: BatchView, time: number, { parameters }: CrankContext): boolean {
  if (batch.extra === undefined) return false;
  const unhappy = job.shards.get(batch.extra.shard);
  if (unhappy?.status !== "pending") return false;
  const wanted = batch.extra.kind === "replacement" ? unhappy.replacements.at(-1) === batch.number : unhappy.panel === batch.number;
  return wanted && time < caseDeadline(job, batch.extra.shard, parameters);
}

/** Panels that were ever ordered for a shard. */
function panelsOf(job: JobView, shard: number): BatchView[] {
  return [...job.batches.values()].filter((batch) => batch.extra?.shard === shard && batch.extra.kind !== "replacement");
}
