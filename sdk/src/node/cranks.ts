import { batchCount, type Hex32 } from "../core/index.ts";
import { EXTRA, shardCount, type ChainAction, type JobView, type Opening, type ProtocolParameters } from "../chain/index.ts";
import { countableAt } from "./crank-times.ts";
import { caseActions, extraIsWanted } from "./crank-cases.ts";

/** Where two replicas of a shard differ, shown to both roots. */
export interface ConflictOpening {
  /** Inside the shard, from 0. */
  readonly item: number;
  readonly a: Opening;
  readonly b: Opening;
}

/** What a job needs to go on, and what anybody may do now. */
export interface DueAction {
  /** Names the deed; the same for everybody who sees the same chain. */
  readonly key: string;
  readonly kind: ChainAction["type"];
  /** Null where it concerns no job. */
  readonly job: Hex32 | null;
  readonly action: ChainAction;
  /** Chain time, seconds, since when it is possible. */
  readonly dueSince: number;
}

/** What cannot be read from the job's own events. */
export interface CrankContext {
  readonly parameters: ProtocolParameters;
  /** Opens a conflict, for those who hold the result files of differing replicas; null while they do not. */
  readonly openings?: (shard: number) => ConflictOpening | null;
}

/** Batches in one transaction: a draw of eight committees, or a payment of sixteen, stays far below a block's gas. */
const DRAWS = 8;
const FINALISATIONS = 16;

/**
 * Everything that anybody may do for a job now, oldest first. Pure; says what the events imply, so
 * an action may turn out to be done already (events cannot show everything): simulate before sending.
 * @param time - chain time of the newest block, seconds
 */
export function dueActions(job: JobView, time: number, context: CrankContext): DueAction[] {
  const due: DueAction[] = [];
  const add = (key: string, dueSince: number, action: ChainAction) => {
    if (time >= dueSince) due.push({ key: `${action.type}:${job.id}:${key}`, kind: action.type, job: job.id, action, dueSince });
  };
  drawActions(job, time, context, add);
  countActions(job, add);
  finaliseActions(job, time, add);
  caseActions(job, context, add);
  punishActions(job, add);
  return due.sort((x, y) => x.dueSince - y.dueSince);
}

/** Collects an action that is possible from a chain time on. */
export type AddAction = (key: string, dueSince: number, action: ChainAction) => void;

/** Numbers of the regular batches that are not drawn yet. */
export function undrawnBatches(job: JobView): number[] {
  return Array.from({ length: batchCount(shardCount(job.terms)) }, (_, number) => number).filter((number) => job.batches.get(number)?.drawnAt === undefined);
}

function drawActions(job: JobView, time: number, context: CrankContext, add: AddAction): void {
  const { terms } = job;
  if (job.closed) return;
  const undrawn = undrawnBatches(job);
  if (undrawn.length > 0 && time > terms.deadline) add("", terms.deadline + 1, { type: "expire", terms });
  // A round that went stale is named anew by the same call, and has another number then.
  else for (const batches of chunks(undrawn, DRAWS)) add(`${batches.join("+")}:${job.round.round}`, job.round.at, { type: "draw", terms, batches });
  for (const batch of job.batches.values()) {
    const armed = job.rounds.get(batch.number);
    if (batch.drawnAt !== undefined || armed === undefined || !extraIsWanted(job, batch, time, context)) continue;
    add(`${batch.number}:${armed.round}`, armed.at, { type: "draw", terms, batches: [batch.number] });
  }
}

/** Settles batches and replacements, judges panels: whatever can be counted. */
function countActions(job: JobView, add: AddAction): void {
  const { terms } = job;
  for (const batch of job.batches.values()) {
    if (batch.drawnAt === undefined || batch.settled) continue;
    const at = countableAt(job, batch);
    const panel = batch.extra !== undefined && batch.extra.kind !== "replacement";
    const lists = batch.seats.map((seat) => seat.revealed?.roots ?? []);
    if (panel) add(`${batch.number}`, at, { type: "judge", terms, panel: batch.number, results: lists.map((list) => list[0] ?? NOTHING) });
    else add(`${batch.number}`, at, { type: "settle", terms, batch: batch.number, lists });
  }
}

function finaliseActions(job: JobView, time: number, add: AddAction): void {
  const ready = [...job.batches.values()]
    .filter((batch) => batch.number < EXTRA && batch.settled && !batch.finalised && batch.settled.at + job.terms.challengeWindow <= time)
    .sort((x, y) => x.number - y.number);
  for (const group of chunks(ready, FINALISATIONS)) {
    const since = Math.max(...group.map((batch) => batch.settled!.at + job.terms.challengeWindow));
    const batches = group.map((batch) => batch.number);
    add(batches.join("+"), since, { type: "finalise", terms: job.terms, batches });
  }
}

function punishActions(job: JobView, add: AddAction): void {
  const { terms } = job;
  for (const batch of job.batches.values()) {
    if (!batch.settled) continue;
    for (const position of batch.faults.keys()) add(`${batch.number}:${position}`, batch.settled.at, { type: "punish", terms, batch: batch.number, position });
  }
  for (const { slash, state, due } of job.slashes) if (state === "pending") add(`${slash}`, due, { type: "execute-slash", slash });
}

const NOTHING = `0x${"00".repeat(32)}` as const;

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}
