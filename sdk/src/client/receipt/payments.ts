import { applyEvent, caseReplicas, type ChainEvent, type Directory, type JobView } from "../../chain/index.ts";

/** Who was paid how much out of a job's escrow, and for what. */
export interface Payment {
  /** Node id; undefined where the directory does not know the pool's member. */
  readonly node: number | undefined;
  readonly amount: bigint;
  /** `batch`: agreed shards; `shard`: a replica of an unhappy shard; `panel`: a panel that could not decide. */
  readonly reason: "batch" | "shard" | "panel";
  /** Number of the batch, shard or panel. */
  readonly number: number;
  readonly event: ChainEvent;
}

/**
 * What the contracts paid to providers, reckoned from the events of a job by the rules of the protocol:
 * R for each agreed shard to the payees that a finalised batch names, R for each standing replica of a case
 * that ended final or tied, R / items for each member of a panel without a verdict (`Resolution._end`,
 * `Faults.closePanel`).
 */
export function paymentsOf(events: readonly ChainEvent[], nodeOf: Directory["nodeOf"]): Payment[] {
  const payments: Payment[] = [];
  let view: JobView | undefined;
  for (const event of events) {
    if (view !== undefined) payments.push(...paidBy(view, event, nodeOf));
    view = applyEvent(view, event);
  }
  return payments;
}

/** @param view - as it was before the event */
function paidBy(view: JobView, event: ChainEvent, nodeOf: Directory["nodeOf"]): Payment[] {
  const { pool, shardReward, itemsPerShard } = view.terms;
  if (event.type === "batch-finalised") return event.payees.map(({ node, shards }) => ({ node, amount: shardReward * BigInt(shards), reason: "batch", number: event.batch, event }));
  if (event.type === "shard-changed" && (event.status === "final" || event.status === "tied")) {
    const standing = caseReplicas(view, event.shard).filter(({ root, convicted }) => root !== null && !convicted);
    return standing.map(({ member }) => ({ node: nodeOf(pool, member!), amount: shardReward, reason: "shard", number: event.shard, event }));
  }
  if (event.type === "panel-tied" && view.shards.get(event.shard)?.status === "pending") {
    const amount = shardReward / BigInt(itemsPerShard);
    const shown = (view.batches.get(event.panel)?.seats ?? []).filter(({ revealed }) => revealed !== undefined);
    return amount === 0n ? [] : shown.map(({ member }) => ({ node: nodeOf(pool, member), amount, reason: "panel", number: event.panel, event }));
  }
  return [];
}
