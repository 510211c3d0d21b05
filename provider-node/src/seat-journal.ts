import { z } from "zod";
import { hex32Schema, type Hex32 } from "@infernet/sdk/core";
import type { Journal } from "@infernet/sdk/node";
import type { SeatOutput } from "./machine.ts";
import type { Seat } from "./seats.ts";

const outputSchema = z.strictObject({ roots: z.array(hex32Schema).min(1), dataDigest: hex32Schema, salt: hex32Schema });
const KIND = "seat";

/** What this node has found for a seat and not let go of yet. */
export interface JournaledSeat {
  readonly key: string;
  readonly job: Hex32;
  readonly output: SeatOutput;
}

/** What stands in the journal for a seat. */
export function readSeat(journal: Journal, seat: Seat): SeatOutput | undefined {
  const intent = journal.get(keyOf(seat));
  return intent === undefined ? undefined : outputSchema.parse(intent.payload);
}

/** Writes down what a seat will show. @returns what stands: the first entry, whatever is offered later */
export function writeSeat(journal: Journal, seat: Seat, { roots, dataDigest, salt }: SeatOutput): SeatOutput {
  return outputSchema.parse(journal.intend(keyOf(seat), KIND, { roots, dataDigest, salt }).payload);
}

/** Seats whose results are kept. */
export function journaledSeats(journal: Journal): JournaledSeat[] {
  return journal.pending(KIND).map(({ key, payload }) => ({ key, job: hex32Schema.parse(key.split(":")[1]), output: outputSchema.parse(payload) }));
}

function keyOf(seat: Seat): string {
  return `${KIND}:${seat.key}`;
}
