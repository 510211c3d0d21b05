import type { JobView } from "../chain/index.ts";

/** What a job has cost, in base units of its token. deposit = paid + fees.aggregator + fees.protocol + refunded. */
export interface JobCost {
  readonly deposit: bigint;
  /** To providers, and to panels that could not decide. */
  readonly paid: bigint;
  /** Credited back to the client. */
  readonly refunded: bigint;
  readonly fees: { readonly aggregator: bigint; readonly protocol: bigint };
}

/** What closed jobs have cost together; jobs that are still open count with nothing. */
export function costOf(views: readonly Pick<JobView, "deposit" | "closed">[]): JobCost {
  const total = { deposit: 0n, paid: 0n, refunded: 0n, aggregator: 0n, protocol: 0n };
  for (const { deposit, closed } of views) {
    if (closed === undefined) continue;
    total.deposit += deposit;
    total.refunded += closed.refund;
    total.aggregator += closed.aggregatorFee;
    total.protocol += closed.protocolFee;
    total.paid += deposit - closed.refund - closed.aggregatorFee - closed.protocolFee;
  }
  const { deposit, paid, refunded, aggregator, protocol } = total;
  return { deposit, paid, refunded, fees: { aggregator, protocol } };
}
