import { EXTRA, revealEnd, type JobView, type ProtocolParameters } from "../chain/index.ts";
import type { DueAction } from "./cranks.ts";

/**
 * How a node would take a job over from its aggregator, and since when the chain lets it, as
 * `Admission.replaceAggregator` reckons it: one resolve window after a drawn batch could have been settled
 * (the stalled bond burns), or after the opening while nothing is drawn (it is returned); and as long after
 * the last change of hands.
 * @param node - who would take it over
 * @returns null when there is nothing to take over, or nothing that could stall; `dueSince` may lie ahead
 */
export function takeoverAction(job: JobView, node: number, { resolveWindow }: Pick<ProtocolParameters, "resolveWindow">): DueAction | null {
  const { id, terms, aggregator, closed, openedAt, replaced, aggregatorSince } = job;
  if (closed || aggregator === 0 || aggregator === node) return null;
  const drawn = [...job.batches.values()].filter((batch) => batch.number < EXTRA && batch.drawnAt !== undefined);
  // Once anything is drawn, only a drawn batch that is overdue shows a stall.
  const idle = drawn.length === 0 ? [{ number: 0, since: openedAt }] : drawn.filter((batch) => batch.settled === undefined).map((batch) => ({ number: batch.number, since: revealEnd(job, batch)! }));
  if (idle.length === 0) return null;
  const oldest = idle.reduce((first, one) => (one.since < first.since ? one : first));
  const action = { type: "replace-aggregator", terms, stalledBatch: oldest.number, node } as const;
  return { key: `${action.type}:${id}:${oldest.number}:${replaced.length}`, kind: action.type, job: id, action, dueSince: Math.max(oldest.since, aggregatorSince) + resolveWindow };
}
