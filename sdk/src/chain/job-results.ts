import { BATCH_SHARDS, type Hex32 } from "../core/index.ts";
import type { JobView } from "./job-view.ts";
import { shardCount } from "./terms.ts";

/** The root that a shard has agreed on; undefined while it has not, or never will. */
export function agreedRoot(view: Pick<JobView, "batches" | "shards">, shard: number): Hex32 | undefined {
  const unhappy = view.shards.get(shard);
  if (unhappy !== undefined) return unhappy.status === "agreed" || unhappy.status === "final" ? (unhappy.root ?? undefined) : undefined;
  const settled = view.batches.get(Math.floor(shard / BATCH_SHARDS))?.settled;
  const local = shard % BATCH_SHARDS;
  return settled !== undefined && (settled.agreedMask >>> local) & 1 ? settled.roots[local] : undefined;
}

/** Shards that have agreed, ascending, with their roots. */
export function agreedShards(view: Pick<JobView, "terms" | "batches" | "shards">): { shard: number; root: Hex32 }[] {
  return Array.from({ length: shardCount(view.terms) }, (_, shard) => ({ shard, root: agreedRoot(view, shard) })).filter((entry): entry is { shard: number; root: Hex32 } => entry.root !== undefined);
}

/** Whether it is certain which shards have a result and which never will. */
export function isDecided(view: Pick<JobView, "terms" | "batches" | "shards" | "closed">): boolean {
  if (view.closed !== undefined) return true;
  const lost = [...view.shards.values()].filter(({ status }) => status === "refunded" || status === "tied").length;
  return agreedShards(view).length + lost === shardCount(view.terms);
}
