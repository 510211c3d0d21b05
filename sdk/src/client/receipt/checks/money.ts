import { BATCH_SHARDS, shardsOfPosition, type Hex32 } from "../../../core/index.ts";
import { regularBatch, shardCount, type ChainEvent, type Directory, type JobView } from "../../../chain/index.ts";
import { require, type Earned, type Facts } from "../facts.ts";
import { paymentsOf } from "../payments.ts";

/** Every unit of the deposit is accounted for: paid for work that the rules say is paid, taken as a fee, or credited back. */
export async function payment({ receipt, job, port, directory, earnings }: Facts): Promise<string> {
  let [paid, refunded, fees] = [0n, 0n, 0n];
  for (const { job: id } of receipt.jobs) {
    const { events, view } = job(id as Hex32);
    const { deposit, closed } = view;
    require(closed !== undefined, `the job ${id} has not closed`);
    const { aggregatorFee, protocolFee, refund } = closed!;
    const parameters = await port.parameters(view.terms.parameters);
    for (const event of events) if (event.type === "batch-finalised") requirePayees(view, event, directory);
    const toProviders = paymentsOf(events, directory.nodeOf).reduce((sum, { amount }) => sum + amount, 0n);
    require(deposit === toProviders + aggregatorFee + protocolFee + refund, `job ${id}: ${deposit} were deposited; ${toProviders} paid, ${aggregatorFee} + ${protocolFee} taken as fees and ${refund} credited back make ${toProviders + aggregatorFee + protocolFee + refund}`);
    const { agreed, drawn } = counts(view);
    const perShard = view.terms.shardReward * BigInt(view.terms.replicas);
    const fee = (bps: number, shards: number) => (perShard * BigInt(shards) * BigInt(bps)) / 10_000n;
    require(aggregatorFee === fee(view.terms.aggregatorFeeBps, agreed), `job ${id}: the aggregator took ${aggregatorFee}, ${agreed} agreed shards make ${fee(view.terms.aggregatorFeeBps, agreed)}`);
    if (aggregatorFee !== 0n) requireFeePayee(view, earnings);
    // Taking a job back is free until its committees can be known; then it costs the draw fee of all its shards.
    const drawFees = closed!.outcome === "cancelled" ? [0, shardCount(view.terms)] : [drawn];
    const right = drawFees.map((shards) => larger(fee(parameters.protocolFeeBps, agreed), fee(parameters.drawFeeBps, shards)));
    require(right.includes(protocolFee), `job ${id}: the protocol took ${protocolFee} instead of ${right.join(" or ")}`);
    paid += toProviders;
    refunded += refund;
    fees += aggregatorFee + protocolFee;
  }
  return `deposit = ${paid} paid + ${fees} fees + ${refunded} credited back`;
}

/** The aggregator's fee went to the node whose job it was when it closed: a stalled one has lost it. */
function requireFeePayee({ id, terms, aggregator, closed, events }: JobView, earnings: readonly Earned[]): void {
  const { at } = events.find(({ type }) => type === "job-closed")!;
  // Escrow: the fee is the last credit before the job is said to have closed.
  const fee = earnings.filter((earned) => earned.at.transaction === at.transaction && earned.at.index < at.index).at(-1);
  require(fee?.amount === closed!.aggregatorFee && fee.token === terms.token, `job ${id}: nobody was credited the aggregator's fee of ${closed!.aggregatorFee}`);
  require(fee!.node === aggregator, `job ${id}: the aggregator's fee went to node ${fee!.node}, the job was node ${aggregator}'s`);
}

/** The payees of a batch are those who executed its agreed shards, each for its own. */
function requirePayees(view: JobView, { batch: number, payees }: ChainEvent & { type: "batch-finalised" }, directory: Directory): void {
  const batch = view.batches.get(number)!;
  const { shape } = regularBatch(view.terms, number);
  batch.seats.forEach(({ member }, position) => {
    const node = directory.nodeOf(view.terms.pool, member);
    const earned = shardsOfPosition(shape, position).filter((shard) => ((batch.settled?.agreedMask ?? 0) >>> shard) & 1).length;
    const paid = payees.filter((payee) => payee.node === node).reduce((sum, payee) => sum + payee.shards, 0);
    require(paid === earned, `batch ${number} of job ${view.id}: node ${node} executed ${earned} agreed shards and was paid for ${paid}`);
  });
  require(payees.length <= batch.seats.length, `batch ${number} of job ${view.id} paid somebody who had no seat in it`);
}

/** Shards that ended agreed, and shards that were ever drawn. */
function counts(view: JobView): { agreed: number; drawn: number } {
  let agreed = [...view.shards.values()].filter(({ status }) => status === "final").length;
  let drawn = 0;
  for (const batch of view.batches.values()) {
    if (batch.extra !== undefined || batch.drawnAt === undefined) continue;
    drawn += Math.min(BATCH_SHARDS, shardCount(view.terms) - BATCH_SHARDS * batch.number);
    if (batch.finalised) agreed += bits(batch.settled?.agreedMask ?? 0);
  }
  return { agreed, drawn };
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest > 0; rest >>>= 1) count += rest & 1;
  return count;
}
