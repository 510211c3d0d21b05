import { InfernetError } from "./errors.ts";

/** Most shards of one batch. */
export const BATCH_SHARDS = 32;
/** Most members of a committee. */
export const MAX_COMMITTEE = 8;

/** A seat: one replica of one shard, given to one committee position. */
export interface Seat {
  /** Shard inside the batch, from 0. */
  readonly shard: number;
  readonly replica: number;
  /** Position in the committee, from 0. */
  readonly position: number;
}

/** Who computes what in a batch: `shards` of it, `replicas` (k) of each, by a committee of `width` (c). */
export interface BatchShape {
  readonly shards: number;
  readonly replicas: number;
  readonly width: number;
}

/** Number of batches of a job with `shards` shards. */
export function batchCount(shards: number): number {
  requireInteger("shards", shards, 1, Number.MAX_SAFE_INTEGER);
  return Math.ceil(shards / BATCH_SHARDS);
}

/** First shard (of the job) of a batch, and how many it holds. */
export function batchRange(shards: number, batch: number): { first: number; count: number } {
  requireInteger("batch", batch, 0, batchCount(shards) - 1);
  const first = BATCH_SHARDS * batch;
  return { first, count: Math.min(BATCH_SHARDS, shards - first) };
}

/**
 * The shape of one batch. Committee width c = min(committeeWidth, max(k, n)): never more members
 * than there is work for, never fewer than replicas.
 * @param shards - n, shards of this batch
 * @param replicas - k
 * @param committeeWidth - the job's choice, k to 8
 */
export function batchShape(shards: number, replicas: number, committeeWidth: number): BatchShape {
  requireInteger("shards", shards, 1, BATCH_SHARDS);
  requireInteger("replicas", replicas, 1, MAX_COMMITTEE);
  requireInteger("committeeWidth", committeeWidth, replicas, MAX_COMMITTEE);
  return { shards, replicas, width: Math.min(committeeWidth, Math.max(replicas, shards)) };
}

/**
 * Position that executes replica r of shard i: (i + offset(r, floor(i / c))) mod c, with
 * offset(0, ·) = 0 and offset(r, d) = 1 + ((d·(k−1) + r − 1) mod (c−1)). Replica 0 walks round the
 * committee; the others move on by k−1 each round, so that every pair of members meets.
 */
export function seatPosition({ replicas, width }: Omit<BatchShape, "shards">, shard: number, replica: number): number {
  if (replica === 0) return shard % width;
  const round = Math.floor(shard / width);
  const offset = 1 + ((round * (replicas - 1) + replica - 1) % (width - 1));
  return (shard + offset) % width;
}

/** Positions that execute `shard`, by replica. They are distinct. */
export function positionsOfShard(shape: BatchShape, shard: number): number[] {
  requireInteger("shard", shard, 0, shape.shards - 1);
  return Array.from({ length: shape.replicas }, (_, replica) => seatPosition(shape, shard, replica));
}

/** Shards (inside the batch, ascending) that `position` executes: the order of its roots list. */
export function shardsOfPosition(shape: BatchShape, position: number): number[] {
  requireInteger("position", position, 0, shape.width - 1);
  return batchSeats(shape)
    .filter((seat) => seat.position === position)
    .map((seat) => seat.shard);
}

/** All seats of a batch, by shard and replica. */
export function batchSeats(shape: BatchShape): Seat[] {
  return Array.from({ length: shape.shards }, (_, shard) =>
    positionsOfShard(shape, shard).map((position, replica) => ({ shard, replica, position })),
  ).flat();
}

/** Number of shards that each position executes. */
export function batchLoad(shape: BatchShape): number[] {
  const load = new Array<number>(shape.width).fill(0);
  for (const { position } of batchSeats(shape)) load[position]!++;
  return load;
}

function requireInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new InfernetError("invalid_argument", `${name} must be an integer from ${min} to ${max}, not ${value}`);
}
