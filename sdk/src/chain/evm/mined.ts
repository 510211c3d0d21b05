import { InfernetError, isInfernetError } from "../../core/index.ts";
import type { ActionReceipt } from "../actions.ts";
import type { SignedTransaction } from "./outbox-journal.ts";
import type { Reader, Receipt } from "./reader.ts";
import { revertError } from "./revert.ts";
import { RpcRefusal } from "./endpoint.ts";

/** A transaction and where it was mined. */
export interface Mined {
  readonly transaction: SignedTransaction;
  readonly receipt: Receipt;
}

/** Whether an error says that a contract refuses a call. */
export function isRevert(error: unknown): error is InfernetError {
  return isInfernetError(error, "chain_reverted");
}

/** How a transaction that is mined has ended: its receipt, or why it was reverted. */
export async function minedEnd(reader: Reader, from: string, { transaction, receipt }: Mined): Promise<ActionReceipt | InfernetError> {
  if (transaction.ends !== null) return transaction.ends;
  const { blockNumber: height, gasUsed: gas } = receipt;
  if (receipt.status === 1) {
    const block = await reader.block(height);
    if (block === null) throw new InfernetError("chain_unreachable", `the node does not have block ${height}`);
    return { transaction: transaction.hash, height, time: block.timestamp, gas };
  }
  const what = `transaction ${transaction.hash}`;
  if (gas >= transaction.gasLimit) return revertError(what, { reason: "OutOfGas", args: { gas: gas.toString() } });
  // Receipts do not say why. What stood in its way has most likely happened in the same block, or before it.
  for (const at of [height, height - 1]) {
    try {
      await reader.call(what, { from, to: transaction.to, data: transaction.data }, at);
    } catch (error) {
      if (isRevert(error)) return error;
      // A node that has forgotten the state of that block will not remember it.
      if (isInfernetError(error, "chain_unreachable") && error.cause instanceof RpcRefusal) break;
      throw error;
    }
  }
  return revertError(what, { reason: "unknown", args: {} });
}
