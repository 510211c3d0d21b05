import type { Reader } from "./reader.ts";

/** What a transaction offers for a unit of gas, in wei (EIP-1559). */
export interface Fees {
  /** Most in all, of which the base fee is burned. */
  readonly maxFee: bigint;
  readonly tip: bigint;
}

const FALLBACK_TIP = 1_500_000_000n;
/** A nonce's replacement must pay an eighth more, or nodes refuse it. */
const bumped = (fee: bigint) => (fee * 9n + 7n) / 8n;

/** What gets a transaction mined soon: room for six full blocks in a row above the base fee. */
export async function marketFees(reader: Reader): Promise<Fees> {
  const [head, tip] = await Promise.all([reader.head(), reader.tip()]);
  const offered = tip ?? FALLBACK_TIP;
  return { maxFee: 2n * (head.baseFeePerGas ?? 0n) + offered, tip: offered };
}

/** What may be mined now and costs no more than it must: for endpoints that let nobody spend more. */
export async function leanFees(reader: Reader): Promise<Fees> {
  const { maxFee, tip } = await marketFees(reader);
  return { maxFee: ((maxFee - tip) * 9n) / 16n + tip, tip };
}

/** What replaces a transaction that is stuck: an eighth more, or what the market asks if that is more. */
export function replacementFees(old: Fees, market: Fees): Fees {
  const max = (a: bigint, b: bigint) => (a > b ? a : b);
  return { maxFee: max(bumped(old.maxFee), market.maxFee), tip: max(bumped(old.tip), market.tip) };
}

/** Whether paying more makes sense: far above the market, something else keeps a transaction from being mined. */
export function mayReplace(old: Fees, market: Fees): boolean {
  return old.maxFee < 8n * market.maxFee;
}
