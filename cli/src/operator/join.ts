import { InfernetError, type Hex32 } from "@infernet/sdk/core";
import type { NodeInfo } from "@infernet/sdk/chain";
import { formatAmount, INFER_DECIMALS } from "../commands/options.ts";
import type { Done, OwnerSession } from "./owner.ts";


/**
 * Joins a pool with so many slots, or changes their number.
 * @throws {InfernetError} `insufficient_stake` with the amount that is missing, `pool_not_found`, and what the chain refuses
 */
export async function joinPool(session: OwnerSession, { node, stake }: NodeInfo, pool: Hex32, capacity: number): Promise<Done | null> {
  const { port } = session;
  const [{ slotStake }, membership] = await Promise.all([port.pool(pool), port.membership(pool, node)]);
  const held = membership === null ? 0 : Math.max(membership.capacity, membership.next.capacity);
  const missing = BigInt(Math.max(0, capacity - held)) * slotStake - stake.free;
  if (missing > 0n) {
    const text = formatAmount(missing, INFER_DECIMALS);
    throw new InfernetError("insufficient_stake", `${capacity} slots take ${formatAmount(slotStake, INFER_DECIMALS)} INFER each; ${formatAmount(stake.free, INFER_DECIMALS)} are free, ${text} are missing`, {
      hint: `Stake them with: infernet provider stake ${text}; or take less --capacity.`,
    });
  }
  if (membership?.next.capacity === capacity) return null;
  return session.run(membership === null ? { type: "join-pool", pool, capacity } : { type: "set-capacity", pool, capacity });
}
