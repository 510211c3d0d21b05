import type { Hex32 } from "../../../core/index.ts";
import type { JobView } from "../../../chain/index.ts";
import { require, type Facts } from "../facts.ts";
import { paymentsOf } from "../payments.ts";

/** Every unit of the deposit is accounted for: paid for work that the rules say is paid, taken as a fee, or credited back. */
export async function payment({ receipt, job, port }: Facts): Promise<string> {
  let [paid, refunded, fees] = [0n, 0n, 0n];
  for (const { job: id } of receipt.jobs) {
    const { events, view } = job(id as Hex32);
    const { deposit, closed } = view;
    require(closed !== undefined, `the job ${id} has not closed`);
    const { aggregatorFee, protocolFee, refund } = closed!;
    const parameters = await port.parameters(view.terms.parameters);
    const toProviders = paymentsOf(events).reduce((sum, { amount }) => sum + amount, 0n);
    require(deposit === toProviders + aggregatorFee + protocolFee + refund, `job ${id}: ${deposit} were deposited; ${toProviders} paid, ${aggregatorFee} + ${protocolFee} taken as fees and ${refund} credited back make ${toProviders + aggregatorFee + protocolFee + refund}`);
    const { agreed, drawn } = counts(view);
    const perShard = view.terms.shardReward * BigInt(view.terms.replicas);
    const fee = (bps: number, shards: number) => (perShard * BigInt(shards) * BigInt(bps)) / 10_000n;
    require(aggregatorFee === fee(view.terms.aggregatorFeeBps, agreed), `job ${id}: the aggregator took ${aggregatorFee}, ${agreed} agreed shards make ${fee(view.terms.aggregatorFeeBps, agreed)}`);
    const most = [fee(parameters.protocolFeeBps, agreed), fee(parameters.drawFeeBps, drawn)].reduce((a, b) => (a > b ? a : b));
    require(protocolFee === most, `job ${id}: the protocol took ${protocolFee} instead of ${most}`);
    paid += toProviders;
    refunded += refund;
    fees += aggregatorFee + protocolFee;
  }
  return `deposit = ${paid} paid + ${fees} fees + ${refunded} credited back`;
}

/** Shards that ended agreed, and shards that were ever drawn. */
function counts(view: JobView): { agreed: number; drawn: number } {
  let agreed = [...view.shards.values()].filter(({ status }) => status === "final").length;
  let drawn = 0;
  for (const batch of view.batches.values()) {
    if (batch.extra !== undefined || batch.drawnAt === undefined) continue;
    drawn += Math.min(32, Math.ceil(view.terms.items / view.terms.itemsPerShard) - 32 * batch.number);
    if (batch.finalised) agreed += bits(batch.settled?.agreedMask ?? 0);
  }
  return { agreed, drawn };
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest > 0; rest >>>= 1) count += rest & 1;
  return count;
}
