import { z } from "zod";
import type { Digest } from "./digest.ts";

/** 32 bytes in lower-case 0x hex: a digest, root, hash or id. */
export const hex32Schema = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, "must be 0x and 64 lower-case hex digits")
  .transform((text) => text as Digest);

/** An integer from `min` to `max`. */
export const integer = (min: number, max: number) => z.number().int().min(min).max(max);

/** A count that fits JSON and the contracts (uint32). */
export const countSchema = integer(1, 2 ** 32 - 1);
