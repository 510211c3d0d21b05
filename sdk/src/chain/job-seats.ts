import { batchRange, batchShape, InfernetError, seatPosition, shardsOfPosition, BATCH_SHARDS, type BatchShape, type Hex32 } from "../core/index.ts";
import { EXTRA } from "./events.ts";
import type { BatchView, JobView } from "./job-view.ts";
import { shardCount, type JobTerms } from "./terms.ts";

/** A batch of a job that is not a replacement or panel: its first shard and its shape. */
export function regularBatch(terms: JobTerms, batch: number): { first: number; shape: BatchShape } {
  const { first, count } = batchRange(shardCount(terms), batch);
  return { first, shape: batchShape(count, terms.replicas, terms.committeeWidth) };
}

/**
 * Shards of the job that a position of a batch executes, ascending: the order of its roots.
 * In a replacement or a panel every position has the one shard it is about.
 */
export function shardsOfSeat(view: Pick<JobView, "terms" | "batches">, batch: number, position: number): number[] {
  if (batch >= EXTRA) {
    const extra = view.batches.get(batch)?.extra;
    if (extra === undefined) throw new InfernetError("invalid_argument", `there is no batch ${batch}`);
    return [extra.shard];
  }
  const { first, shape } = regularBatch(view.terms, batch);
  return shardsOfPosition(shape, position).map((shard) => first + shard);
}

/** Positions that have committed (a direct reveal is a commitment too). */
export function committedPositions(batch: BatchView): number[] {
  return batch.seats.flatMap((seat, position) => (seat.committedAt === undefined ? [] : [position]));
}

/** Positions that have shown their roots. */
export function revealedPositions(batch: BatchView): number[] {
  return batch.seats.flatMap((seat, position) => (seat.revealed === undefined ? [] : [position]));
}

/** Positions that have neither committed nor declined. */
export function missingPositions(batch: BatchView): number[] {
  return batch.seats.flatMap((seat, position) => (seat.committedAt === undefined && seat.declined === undefined ? [position] : []));
}

/** When everybody had committed or declined, in chain time; undefined while somebody has not. */
export function actedAt(view: Pick<JobView, "events">, batch: BatchView): number | undefined {
  if (batch.drawnAt === undefined || missingPositions(batch).length > 0) return undefined;
  let at = batch.drawnAt;
  const acted = new Set<number>();
  for (const event of view.events) {
    if ((event.type !== "committed" && event.type !== "declined" && event.type !== "revealed") || event.batch !== batch.number || acted.has(event.position)) continue;
    acted.add(event.position);
    at = Math.max(at, event.at.time);
  }
  return at;
}

/**
 * When reveals of a drawn batch end (exclusive), in chain time: `revealWindow` after everybody has acted,
 * at the latest after the commit window. Moves forward while somebody has not acted.
 */
export function revealEnd(view: Pick<JobView, "terms" | "events">, batch: BatchView): number | undefined {
  if (batch.drawnAt === undefined) return undefined;
  return (actedAt(view, batch) ?? batch.drawnAt + view.terms.commitWindow) + view.terms.revealWindow;
}

/** What one replica of an unhappy shard showed. */
export interface CaseReplica {
  readonly replica: number;
  readonly batch: number;
  readonly position: number;
  /** Pool member index; null before the replacement is drawn. */
  readonly member: number | null;
  /** Root that counts in the case: null when none was shown, or its batch is not settled yet. */
  readonly root: Hex32 | null;
  /** Digest of the batch result document that names its files; null with the root. */
  readonly dataDigest: Hex32 | null;
  readonly convicted: boolean;
}

/** The replicas of an unhappy shard as the contracts number them: the first k, then the replacements. */
export function caseReplicas(view: JobView, shard: number): CaseReplica[] {
  const number = Math.floor(shard / BATCH_SHARDS);
  const { first, shape } = regularBatch(view.terms, number);
  const shardView = view.shards.get(shard);
  const seats = Array.from({ length: view.terms.replicas }, (_, replica) => {
    const position = seatPosition(shape, shard - first, replica);
    return { batch: number, position, index: shardsOfPosition(shape, position).indexOf(shard - first) };
  });
  for (const batch of shardView?.replacements ?? []) seats.push({ batch, position: 0, index: 0 });
  return seats.map(({ batch, position, index }, replica) => {
    const found = view.batches.get(batch);
    const seat = found?.seats[position];
    const shown = found?.settled === undefined ? undefined : seat?.revealed;
    return {
      replica,
      batch,
      position,
      member: seat?.member ?? null,
      root: shown?.roots[index] ?? null,
      dataDigest: shown?.dataDigest ?? null,
      convicted: shardView?.convicted.has(replica) ?? false,
    };
  });
}
