import { InfernetError, isInfernetError } from "../../core/index.ts";
import type { ChainAction } from "../actions.ts";
import { gasCost, signTransaction } from "./account.ts";
import { leanFees, marketFees, mayReplace, replacementFees } from "./fees.ts";
import { roomyGas, tightGas } from "./gas.ts";
import { isRevert } from "./mined.ts";
import type { SignedTransaction } from "./outbox-journal.ts";
import type { Pending, PendingOptions } from "./pending.ts";
import type { Block } from "./reader.ts";

/** Times that a transaction is signed anew because no endpoint takes it, before its nonce is given to a cancellation. */
const RENEWALS = 2;

/**
 * What takes the place of a transaction that is not mined. All have its nonce, so that at most one of them ever is:
 * a better paid one when it is stuck; one with fresh gas and fees when no endpoint takes it; and when its call would
 * be reverted by now, nothing helps, or nobody counts on it any more, a transfer of nothing to oneself, which frees what waits behind the nonce.
 */
export class Renewal {
  readonly #options: PendingOptions;
  readonly #actionOf: (key: string) => ChainAction;

  constructor(options: PendingOptions, actionOf: (key: string) => ChainAction) {
    this.#options = options;
    this.#actionOf = actionOf;
  }

  /**
   * The next transaction of the nonce that is first in line; null while the last one is good enough.
   * @param waited - blocks since it was first sent
   */
  async next(pending: Pending, waited: number, head: Block): Promise<SignedTransaction | null> {
    if (pending.doom !== null && pending.transactions.at(-1)!.ends === null) return this.#cancellation(pending, pending.doom);
    const late = waited >= this.#options.stuckBlocks;
    if (pending.answer === "underpriced" || (pending.answer === "taken" && late)) return this.#better(pending);
    return late && pending.answer !== "taken" ? this.#anew(pending, head) : null;
  }

  async #better({ key, transactions }: Pending): Promise<SignedTransaction | null> {
    const { signer, chainId, reader, log } = this.#options;
    const last = transactions.at(-1)!;
    const market = await marketFees(reader);
    if (!mayReplace(last.fees, market)) return null;
    const better = signTransaction(signer, chainId, last, { ...last, fees: replacementFees(last.fees, market) });
    log.info({ key, nonce: better.nonce, transaction: better.hash, maxFee: String(better.fees.maxFee) }, "replacing a stuck transaction");
    return better;
  }

  async #anew(pending: Pending, head: Block): Promise<SignedTransaction | null> {
    const { signer, chainId, reader, log } = this.#options;
    const { key, nonce, transactions, answer, refusal } = pending;
    const last = transactions.at(-1)!;
    pending.sentAt = head.number; // what is not renewed now is looked at again after as many blocks
    if (last.ends !== null) return answer === "unfunded" ? null : this.#better(pending);
    const call = await this.#callNow(key, head);
    if (call instanceof InfernetError) return isGasMissing(call) ? null : this.#cancellation(pending, call);
    if (answer !== "unfunded" && ++pending.renewals > RENEWALS)
      return this.#cancellation(pending, new InfernetError("transaction_refused", `no endpoint takes ${this.#actionOf(key).type}: ${refusal?.message ?? answer}`, { cause: refusal }));
    const fees = await (answer === "overpriced" ? leanFees(reader) : marketFees(reader));
    const renewed = signTransaction(signer, chainId, call.target, { nonce, gasLimit: tightGas(call.gas, head.gasLimit), fees });
    if (answer === "unfunded" && gasCost(renewed) >= gasCost(last)) return null;
    log.warn({ key, nonce, transaction: renewed.hash, gasLimit: String(renewed.gasLimit), maxFee: String(fees.maxFee) }, "no endpoint takes the transaction; signed anew");
    return renewed;
  }

  /** What the action would be at this block, or why it is refused by now. All that is before it in line has been mined. */
  async #callNow(key: string, head: Block) {
    const { reader, signer, prepare } = this.#options;
    const action = this.#actionOf(key);
    try {
      const target = await prepare(action);
      const call = { ...target, from: signer.address };
      await reader.call(action.type, call, head.number);
      return { target, gas: await reader.estimateGas(action.type, call) };
    } catch (error) {
      if (!isInfernetError(error) || error.retryable || error.code === "aborted") throw error;
      return error;
    }
  }

  async #cancellation({ key, nonce, transactions }: Pending, ends: InfernetError): Promise<SignedTransaction> {
    const { reader, signer, chainId, log } = this.#options;
    const target = { to: signer.address, data: "0x" };
    const [market, gas, head] = await Promise.all([marketFees(reader), this.#gasOfNothing(), reader.head()]);
    const cancellation = signTransaction(signer, chainId, target, { nonce, gasLimit: roomyGas(gas, head.gasLimit), fees: replacementFees(transactions.at(-1)!.fees, market), ends });
    log.warn({ key, nonce, transaction: cancellation.hash, err: ends }, "giving the transaction up; its nonce is used by a transfer of nothing");
    return cancellation;
  }

  async #gasOfNothing(): Promise<bigint> {
    const { reader, signer } = this.#options;
    try {
      return await reader.estimateGas("cancel", { to: signer.address, data: "0x", from: signer.address });
    } catch (error) {
      // An account with code may refuse its own transfer; that uses the nonce up as well. Whoever has nothing gets no estimate.
      if (isRevert(error) || isInfernetError(error, "insufficient_funds")) return 21_000n;
      throw error;
    }
  }
}

/** Whether it is the account's own coin that is missing, and not a token: it will be sent some. */
function isGasMissing(error: InfernetError): boolean {
  return error.code === "insufficient_funds" && error.details["token"] === undefined;
}
