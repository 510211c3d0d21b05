import { shardsOfPosition } from "../../core/index.ts";
import { applyEvent, caseReplicas, regularBatch, type ChainEvent, type JobView } from "../../chain/index.ts";

/** Who was paid how much out of a job's escrow, and for what. */
export interface Payment {
  /** Pool member index. */
  readonly member: number;
  readonly amount: bigint;
  /** `batch`: agreed shards; `shard`: a replica of an unhappy shard; `panel`: a panel that could not decide. */
  readonly reason: "batch" | "shard" | "panel";
  /** Number of the batch, shard or panel. */
  readonly number: number;
  readonly event: ChainEvent;
}

/**
 * What the contracts paid to providers, reckoned from the events of a job by the rules of the protocol:
 * R for each replica of an agreed shard, R for each standing replica of a case that ended final or tied,
 * R / items for each member of a panel without a verdict (`Jobs._finalise`, `Resolution._end`, `Faults.closePanel`).
 */
export function paymentsOf(events: readonly ChainEvent[]): Payment[] {
  const payments: Payment[] = [];
  let view: JobView | undefined;
  for (const event of events) {
    if (view !== undefined) payments.push(...paidBy(view, event));
    view = applyEvent(view, event);
  }
  return payments;
}

/** @param view - as it was before the event */
function paidBy(view: JobView, event: ChainEvent): Payment[] {
  const { shardReward, itemsPerShard } = view.terms;
  if (event.type === "batch-finalised") {
    const batch = view.batches.get(event.batch);
    const mask = batch?.settled?.agreedMask ?? 0;
    const { shape } = regularBatch(view.terms, event.batch);
    return (batch?.seats ?? []).flatMap(({ member }, position) => {
      const won = shardsOfPosition(shape, position).filter((shard) => (mask >>> shard) & 1).length;
      return won === 0 ? [] : [{ member, amount: shardReward * BigInt(won), reason: "batch" as const, number: event.batch, event }];
    });
  }
  if (event.type === "shard-changed" && (event.status === "final" || event.status === "tied")) {
    const standing = caseReplicas(view, event.shard).filter(({ root, convicted }) => root !== null && !convicted);
    return standing.map(({ member }) => ({ member: member!, amount: shardReward, reason: "shard" as const, number: event.shard, event }));
  }
  if (event.type === "panel-tied" && view.shards.get(event.shard)?.status === "pending") {
    const amount = shardReward / BigInt(itemsPerShard);
    const shown = (view.batches.get(event.panel)?.seats ?? []).filter(({ revealed }) => revealed !== undefined);
    return amount === 0n ? [] : shown.map(({ member }) => ({ member, amount, reason: "panel" as const, number: event.panel, event }));
  }
  return [];
}
