import { z } from "zod";
import { defineDocument } from "./document.ts";
import { InfernetError } from "./errors.ts";
import { countSchema, hex32Schema } from "./schemas.ts";

/** Schema of the input index: where a job's items are. Unknown keys are refused. */
export const inputIndexSchema = z
  .strictObject({
    version: z.literal(1),
    items: countSchema,
    itemsPerShard: countSchema,
    /** Digests of the shard files, in order. */
    shards: z.array(hex32Schema).min(1),
  })
  .refine(({ items, itemsPerShard, shards }) => shards.length === Math.ceil(items / itemsPerShard), {
    path: ["shards"],
    message: "must hold ceil(items / itemsPerShard) digests",
  });

/** The list of a job's shard files. */
export type InputIndex = z.infer<typeof inputIndexSchema>;

/** DAG-CBOR codec of the input index. */
export const inputIndexDocument = defineDocument(inputIndexSchema, { name: "input index", code: "invalid_document" });

/** Number of items in `shard`; only the last one may hold fewer than itemsPerShard. */
export function shardItems({ items, itemsPerShard }: Pick<InputIndex, "items" | "itemsPerShard">, shard: number): number {
  const count = Math.min(itemsPerShard, items - shard * itemsPerShard);
  if (!Number.isInteger(shard) || shard < 0 || count < 1)
    throw new InfernetError("invalid_argument", `the job has no shard ${shard}`);
  return count;
}
