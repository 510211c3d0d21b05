import { BATCH_SHARDS, positionsOfShard, type Hex32 } from "../core/index.ts";
import { caseReplicas, regularBatch, type BatchView, type ChainEvent, type Directory, type JobOutcome, type JobView } from "../chain/index.ts";
import type { Attempt } from "./record.ts";

/** Where a shard stands. `conflict`: its replicas showed different roots; `pending`: it waits for a replacement. */
export type ShardState = "waiting" | "drawn" | "committed" | "revealed" | "pending" | "conflict" | "agreed" | "final" | "refunded" | "tied";

/** One shard of the input. */
export interface ShardProgress {
  /** First item, and how many. */
  readonly first: number;
  readonly count: number;
  /** The job that it is in at present, and its number there. */
  readonly job: Hex32;
  readonly shard: number;
  readonly state: ShardState;
  /** Nodes that execute it, or did; undefined where the directory does not know one yet. */
  readonly nodes: readonly (number | undefined)[];
}

/** Where a submission stands. */
export interface JobProgress {
  readonly state: "open" | "active" | JobOutcome;
  /** The jobs on chain: the first, then resubmissions. */
  readonly jobs: readonly Hex32[];
  readonly shards: readonly ShardProgress[];
  /** Chain time, seconds. */
  readonly time: number;
}

/** A cursor into the events of a submission: the place of one in the chain. */
export interface EventCursor {
  readonly height: number;
  readonly index: number;
}

/** Something that happened to a job, and where to go on after it. */
export interface JobEvent {
  readonly job: Hex32;
  readonly event: ChainEvent;
  readonly cursor: EventCursor;
}

/** Whether nothing more can become of a shard but payment. */
export function isDecidedState(state: ShardState): boolean {
  return state === "agreed" || state === "final" || state === "refunded" || state === "tied";
}

/** Where one shard of a job stands. */
export function shardState(view: JobView, shard: number): ShardState {
  const unhappy = view.shards.get(shard);
  if (unhappy !== undefined) return unhappy.status === "pending" && unhappy.conflicting ? "conflict" : unhappy.status;
  const number = Math.floor(shard / BATCH_SHARDS);
  const batch = view.batches.get(number);
  if (batch?.drawnAt === undefined) return view.closed === undefined ? "waiting" : "refunded";
  if (batch.finalised) return "final";
  if (batch.settled !== undefined) return "agreed";
  return seatState(view, batch, shard - number * BATCH_SHARDS);
}

/** All shards of an attempt. */
export function attemptProgress(attempt: Attempt, view: JobView, directory: Pick<Directory, "nodeOf">): ShardProgress[] {
  return attempt.shards.map((range, shard) => {
    const drawn = view.batches.get(Math.floor(shard / BATCH_SHARDS))?.drawnAt !== undefined;
    const members = drawn ? caseReplicas(view, shard).flatMap(({ member }) => (member === null ? [] : [member])) : [];
    return { ...range, job: attempt.job, shard, state: shardState(view, shard), nodes: members.map((member) => directory.nodeOf(view.terms.pool, member)) };
  });
}

/** Where all of it stands: each range of the input in the newest job that holds it. */
export function overallProgress(attempts: readonly { attempt: Attempt; view: JobView }[], directory: Pick<Directory, "nodeOf">, time: number): JobProgress {
  const newest = new Map<number, ShardProgress>();
  for (const { attempt, view } of attempts) for (const shard of attemptProgress(attempt, view, directory)) newest.set(shard.first, shard);
  const shards = [...newest.values()].sort((a, b) => a.first - b.first);
  return { state: overallState(attempts.map(({ view }) => view), shards), jobs: attempts.map(({ attempt }) => attempt.job), shards, time };
}

function overallState(views: readonly JobView[], shards: readonly ShardProgress[]): JobProgress["state"] {
  const last = views.at(-1);
  if (last === undefined) return "open";
  if (views.some((view) => view.closed === undefined)) return last.batches.size === 0 ? "open" : "active";
  if (views[0]!.closed!.outcome === "cancelled") return "cancelled";
  const good = shards.filter(({ state }) => state === "final").length;
  return good === shards.length ? "completed" : good > 0 ? "partial" : "refunded";
}

function seatState(view: JobView, batch: BatchView, local: number): ShardState {
  const { shape } = regularBatch(view.terms, batch.number);
  const seats = positionsOfShard(shape, local).map((position) => batch.seats[position]);
  if (seats.every((seat) => seat?.revealed)) return "revealed";
  return seats.every((seat) => seat?.committedAt !== undefined) ? "committed" : "drawn";
}
