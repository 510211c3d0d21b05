import { InfernetError } from "./errors.ts";
import { joinLines } from "./lines.ts";

/**
 * Cuts items into shard files of `itemsPerShard` lines; the last one may be shorter.
 * The same items always give the same bytes, so a repeated submission names the same content.
 * @param items - item lines without newline, in input order
 * @throws {InfernetError} `invalid_argument` when there is no item or the size is not positive
 */
export function splitShards(items: readonly Uint8Array[], itemsPerShard: number): Uint8Array[] {
  if (items.length === 0) throw new InfernetError("invalid_argument", "there is no item to split");
  if (!Number.isInteger(itemsPerShard) || itemsPerShard < 1)
    throw new InfernetError("invalid_argument", `itemsPerShard must be a positive integer, not ${itemsPerShard}`);
  return Array.from({ length: Math.ceil(items.length / itemsPerShard) }, (_, shard) =>
    joinLines(items.slice(shard * itemsPerShard, (shard + 1) * itemsPerShard)),
  );
}
