import { z } from "zod";
import { defineDocument } from "./document.ts";
import { BATCH_SHARDS } from "./seats.ts";
import { countSchema, hex32Schema, integer } from "./schemas.ts";

const shardResultSchema = z.strictObject({
  /** Shard of the job. */
  shard: integer(0, 2 ** 32 - 1),
  items: countSchema,
  /** Digest of the shard result (a file). */
  file: hex32Schema,
  /** Root of the result tree over it. */
  root: hex32Schema,
});

/** Schema of the batch result: where a member's results are. Unknown keys are refused. */
export const batchResultSchema = z
  .strictObject({
    version: z.literal(1),
    job: hex32Schema,
    batch: integer(0, 2 ** 32 - 1),
    /** In ascending shard order, as the roots of the reveal. */
    results: z.array(shardResultSchema).min(1).max(BATCH_SHARDS),
  })
  .refine(({ results }) => results.every(({ shard }, i) => i === 0 || shard > results[i - 1]!.shard), {
    path: ["results"],
    message: "must be in ascending shard order",
  });

/** What one committee member computed in a batch; its digest is the `dataDigest` of the reveal. */
export type BatchResult = z.infer<typeof batchResultSchema>;

/** DAG-CBOR codec of the batch result. */
export const batchResultDocument = defineDocument(batchResultSchema, {
  name: "batch result",
  code: "invalid_document",
  maxBytes: 64 << 10,
});
