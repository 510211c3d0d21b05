import type { BaseWallet } from "ethers";
import { InfernetError, isInfernetError } from "../../core/index.ts";
import type { ActionReceipt } from "../actions.ts";
import { signTransaction } from "./account.ts";
import { marketFees, mayReplace, replacementFees } from "./fees.ts";
import type { Heads } from "./heads.ts";
import { minedEnd, type Mined } from "./mined.ts";
import type { SignedTransaction, TransactionJournal } from "./outbox-journal.ts";
import type { Block, Reader } from "./reader.ts";
import type { Rpc } from "./rpc.ts";
import { sendRaw } from "./send.ts";
import { persist, type PortLogger } from "./wait.ts";

/** What looking after transactions takes. */
export interface PendingOptions {
  readonly rpc: Rpc;
  readonly reader: Reader;
  readonly heads: Heads;
  readonly signer: BaseWallet;
  readonly chainId: number;
  /** Blocks on top of a transaction before it counts. */
  readonly confirmations: number;
  /** Blocks after which a transaction that is not mined is replaced by a better paid one. */
  readonly stuckBlocks: number;
  readonly log: PortLogger;
  readonly signal: AbortSignal;
}

/** A nonce at work. */
export interface Pending {
  readonly key: string;
  readonly nonce: number;
  readonly done: PromiseWithResolvers<ActionReceipt>;
  /** Oldest first; the last one is the best paid. */
  readonly transactions: SignedTransaction[];
  /** Height of the first head after the last one was sent; null before it. */
  sentAt: number | null;
  /** What the node said to the last one. */
  answer: "taken" | "underpriced" | "refused";
  /** Heads at which the nonce was used although none of the transactions was mined. */
  lost: number;
}

/** Heads at which a nonce must look used by another before it is believed: one node may lag behind another. */
const LOST_HEADS = 2;
/** Blocks between two sendings of a transaction that is not mined. */
const RESEND_BLOCKS = 3;

/**
 * Signed transactions of one account until they are confirmed: sends them, again when they got lost,
 * better paid when they are stuck, and notices when a foreign transaction has used their nonce.
 */
export class PendingTransactions {
  readonly #options: PendingOptions;
  readonly #journal: TransactionJournal;
  readonly #pending = new Map<string, Pending>();
  #watching = false;

  constructor(options: PendingOptions, journal: TransactionJournal) {
    this.#options = options;
    this.#journal = journal;
  }

  /** By nonce. */
  list(): Pending[] {
    return [...this.#pending.values()].sort((a, b) => a.nonce - b.nonce);
  }

  /**
   * Looks after the transactions of an intent from now on. `done` becomes its receipt, or why it failed;
   * `nonce_conflict` when none of the transactions can be mined any more.
   */
  track(key: string, transactions: readonly SignedTransaction[]): Pending {
    const { nonce } = transactions[0]!;
    const pending: Pending = { key, nonce, done: Promise.withResolvers(), transactions: [...transactions], sentAt: null, answer: "taken", lost: 0 };
    pending.done.promise.catch(() => {});
    this.#pending.set(key, pending);
    if (!this.#watching) void this.#watch();
    return pending;
  }

  /**
   * Sends the best paid transaction of a nonce, until a node has answered. Whatever the answer, the chain has the last word.
   * @throws {InfernetError} `aborted`
   */
  async send(pending: Pending): Promise<void> {
    const { rpc, log, signal } = this.#options;
    const { hash, raw } = pending.transactions.at(-1)!;
    const { answer, refusal } = await persist(() => sendRaw(rpc, raw), { signal, onRetry: (error) => log.warn({ err: error }, "cannot send; trying again") });
    if (refusal !== undefined) log.warn({ key: pending.key, transaction: hash, err: refusal }, "the transaction was not taken; trying again");
    pending.answer = answer;
    pending.sentAt = null;
  }

  /** At every new block, as long as there is anything to look after. */
  async #watch(): Promise<void> {
    const { heads, signal, log } = this.#options;
    this.#watching = true;
    try {
      for (let seen: string | null = null; this.#pending.size > 0; ) {
        const head: Block = await heads.after(seen, signal);
        seen = head.hash;
        try {
          await this.#attend(head);
        } catch (error) {
          if (!isInfernetError(error) || !error.retryable) throw error;
          log.warn({ err: error }, "cannot look after transactions; trying again");
          seen = null;
        }
      }
    } catch (error) {
      for (const { done } of this.#pending.values()) done.reject(error);
      this.#pending.clear();
    } finally {
      this.#watching = false;
    }
  }

  async #attend(head: Block): Promise<void> {
    const { reader, signer, confirmations } = this.#options;
    // The nonce first: if it is used by ours, the receipt that is asked for later is there.
    const used = await reader.nonce(signer.address, Math.max(0, head.number - confirmations));
    const found = await Promise.all(this.list().map(async (pending) => ({ pending, mined: await this.#minedOf(pending) })));
    let first = true;
    for (const { pending, mined } of found) {
      if (mined === null && used > pending.nonce) {
        if (++pending.lost >= LOST_HEADS) this.#abandon(pending);
        continue;
      }
      pending.lost = 0;
      if (mined === null) {
        await this.#push(pending, head, first);
        first = false;
      } else if (head.number - mined.receipt.blockNumber >= confirmations) await this.#finish(pending, mined);
    }
  }

  async #minedOf({ transactions }: Pending): Promise<Mined | null> {
    for (const transaction of transactions.toReversed()) {
      const receipt = await this.#options.reader.receipt(transaction.hash);
      if (receipt !== null) return { transaction, receipt };
    }
    return null;
  }

  async #finish(pending: Pending, mined: Mined): Promise<void> {
    const end = await minedEnd(this.#options.reader, this.#options.signer.address, mined);
    this.#journal.finish(pending.key, pending.transactions, end);
    this.#pending.delete(pending.key);
    if (end instanceof InfernetError) pending.done.reject(end);
    else pending.done.resolve(end);
  }

  #abandon({ key, nonce, transactions, done }: Pending): void {
    this.#journal.abandon(transactions);
    this.#pending.delete(key);
    done.reject(new InfernetError("nonce_conflict", `nonce ${nonce} of ${this.#options.signer.address} was used by another transaction`));
  }

  /** Sends again what is not mined; the first in line, for which the others wait, is replaced by a better paid one when it is stuck. */
  async #push(pending: Pending, head: Block, first: boolean): Promise<void> {
    const { rpc, reader, signer, chainId, stuckBlocks, log } = this.#options;
    pending.sentAt ??= head.number;
    const waited = head.number - pending.sentAt;
    const stuck = pending.answer === "underpriced" || (pending.answer === "taken" && waited >= stuckBlocks);
    const last = pending.transactions.at(-1)!;
    const market = first && stuck ? await marketFees(reader) : null;
    if (market !== null && mayReplace(last.fees, market)) {
      const better = signTransaction(signer, chainId, last, { ...last, fees: replacementFees(last.fees, market) });
      this.#journal.signed(pending.key, better);
      pending.transactions.push(better);
      log.info({ key: pending.key, nonce: better.nonce, transaction: better.hash, maxFee: String(better.fees.maxFee) }, "replacing a stuck transaction");
      await this.send(pending);
    } else if (waited > 0 && waited % RESEND_BLOCKS === 0) {
      await sendRaw(rpc, last.raw);
    }
  }
}
