import type { Hex32 } from "../core/index.ts";
import { untilAborted } from "./abort.ts";
import type { ShardOutcome } from "./collect.ts";
import type { JobResult, JobRun } from "./job-run.ts";
import type { EventCursor, JobEvent, JobProgress } from "./progress.ts";
import type { JobRecord } from "./record.ts";

/** Ends the waiting of one call, and nothing else. */
interface Waiting {
  readonly signal?: AbortSignal;
}

/** A job that was submitted. */
export interface JobHandle {
  /** Id of the first job on chain; `client.job(id)` finds it again. */
  readonly id: Hex32;
  /** Ids of all its jobs so far: the first, then resubmissions. */
  readonly ids: readonly Hex32[];
  /** The caller's, or a fresh one. */
  readonly key: string;
  status(): Promise<JobProgress>;
  /** What happens, as it is confirmed; ends when all jobs have closed. @param options.cursor - goes on after it */
  events(options?: Waiting & { readonly cursor?: EventCursor }): AsyncIterableIterator<JobEvent>;
  /** Agreed shards as they arrive, checked against the roots on chain; in order of arrival. */
  results(options?: Waiting): AsyncIterableIterator<ShardOutcome>;
  /** Everything, when all jobs have closed. @throws {InfernetError} what ended it */
  result(options?: Waiting): Promise<JobResult>;
  /** Takes it back before its draw. @throws {InfernetError} `job_state` when it is too late */
  cancel(): Promise<void>;
}

/** The handle of a run. */
export function createHandle(record: JobRecord, run: JobRun): JobHandle {
  return {
    id: record.attempts[0]!.job,
    get ids() {
      return record.attempts.map(({ job }) => job);
    },
    key: record.key,
    status: () => run.status(),
    events: ({ cursor, signal } = {}) => run.events.read((event) => cursor === undefined || isAfter(event.cursor, cursor), signal),
    results: ({ signal } = {}) => run.outcomes.read(undefined, signal),
    result: ({ signal } = {}) => untilAborted(run.result(), signal),
    cancel: () => run.cancel(),
  };
}

function isAfter(a: EventCursor, b: EventCursor): boolean {
  return a.height > b.height || (a.height === b.height && a.index > b.index);
}
