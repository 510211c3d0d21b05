import { missingPositions, revealEnd, shardsOfSeat, type BatchView, type ExtraKind, type JobView, type NodeOf } from "@infernet/sdk/chain";
import type { SeatFacts } from "./machine.ts";

/** A place of this node in a committee, and what it owes there. */
export interface Seat {
  /** The same over restarts: names the seat's journal entry and transactions. */
  readonly key: string;
  readonly job: JobView;
  readonly batch: BatchView;
  readonly position: number;
  readonly kind: "regular" | ExtraKind;
  /** Shards of the job, ascending: one root each. */
  readonly shards: readonly number[];
}

/** The seats of a node in a job, in the order of the batches. */
export function seatsOf(job: JobView, node: number, nodeOf: NodeOf): Seat[] {
  return [...job.batches.values()].flatMap((batch) =>
    batch.seats.flatMap(({ member }, position) =>
      nodeOf(job.terms.pool, member) !== node
        ? []
        : [{ key: seatKey(job, batch, position), job, batch, position, kind: batch.extra?.kind ?? ("regular" as const), shards: shardsOfSeat(job, batch.number, position) }],
    ),
  );
}

/** Holds all that the work depends on: blocks that leave the chain may come back with another committee or panel. */
function seatKey({ id }: JobView, { number, extra }: BatchView, position: number): string {
  return extra === undefined ? `${id}:${number}:${position}` : `${id}:${number}:${position}:${extra.kind}:${extra.shard}:${extra.item}`;
}

/** What the chain says about a seat. */
export function factsOf({ job, batch, position }: Seat): SeatFacts {
  const mine = batch.seats[position]!;
  const drawnAt = batch.drawnAt!;
  return {
    drawnAt,
    commitEnd: drawnAt + job.terms.commitWindow,
    revealEnd: revealEnd(job, batch)!,
    othersActed: missingPositions(batch).every((other) => other === position),
    committed: mine.committedAt !== undefined,
    declined: mine.declined !== undefined,
    revealed: mine.revealed !== undefined,
    over: batch.settled !== undefined,
  };
}
