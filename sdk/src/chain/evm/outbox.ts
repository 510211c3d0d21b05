import { Transaction, type BaseWallet } from "ethers";
import { InfernetError, isInfernetError } from "../../core/index.ts";
import type { ActionReceipt, ChainAction } from "../actions.ts";
import { marketFees, replacementFees, type Fees } from "./fees.ts";
import type { Heads } from "./heads.ts";
import { KeyedMutex } from "./mutex.ts";
import { TransactionJournal, type OutboxJournal, type SignedTransaction } from "./outbox-journal.ts";
import type { Target } from "./encode.ts";
import type { Block, Reader } from "./reader.ts";
import { isRevert, minedEnd, type Mined } from "./mined.ts";
import { sendRaw, type Rpc } from "./rpc.ts";
import { abortable, persist, type PortLogger } from "./wait.ts";

/** What an outbox works with. */
export interface OutboxOptions {
  readonly rpc: Rpc;
  readonly reader: Reader;
  readonly heads: Heads;
  readonly signer: BaseWallet;
  readonly chainId: number;
  readonly journal: OutboxJournal;
  readonly confirmations: number;
  /** Blocks after which a transaction that is not mined is replaced by a better paid one. */
  readonly stuckBlocks: number;
  readonly log: PortLogger;
  readonly signal: AbortSignal;
  /** Turns an action into a call, signing a permit where one is needed. */
  readonly prepare: (action: ChainAction) => Promise<Target>;
  /** Actions with the same name here must not be under way together: they spend one allowance. */
  readonly exclusive: (action: ChainAction) => string | null;
}

/** A nonce at work. */
interface Pending {
  readonly key: string;
  readonly done: PromiseWithResolvers<ActionReceipt>;
  /** Oldest first; the last one is the best paid. */
  readonly transactions: SignedTransaction[];
  /** Height at which the last one was sent. */
  sentAt: number;
  underpriced: boolean;
  /** Heads at which the nonce was used although none of the transactions was mined. */
  lost: number;
}

/** Heads at which a nonce must look used by another before it is believed: one node may lag behind another. */
const LOST_HEADS = 2;
/** Blocks between two sendings of a transaction that is not mined. */
const RESEND_BLOCKS = 3;

/**
 * Sends each action once. An intent is journaled before anything happens, a transaction before it is
 * sent, so that after a crash the same transaction is sent again; an intent gets another nonce only
 * when its own has been used by a foreign transaction and it can no longer be mined.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #journal: TransactionJournal;
  readonly #nonces = new KeyedMutex();
  readonly #exclusive = new KeyedMutex();
  readonly #running = new Map<string, Promise<ActionReceipt>>();
  readonly #pending = new Map<string, Pending>();
  #watching = false;

  /** Takes up the transactions that an earlier process has left behind. */
  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#journal = new TransactionJournal(options.journal, options.chainId, options.signer.address);
    for (const [key, transactions] of this.#journal.unfinished()) {
      const pending = this.#track(key, transactions);
      this.#start(key, () => this.#finished(key, pending));
      options.log.info({ key, nonce: transactions[0]!.nonce, transaction: transactions.at(-1)!.hash }, "sending again");
    }
    void Promise.all(this.#oldestFirst().map((pending) => this.#send(pending)));
  }

  /** See `ChainPort.submit`. */
  async submit(key: string, action: ChainAction, signal?: AbortSignal): Promise<ActionReceipt> {
    const done = this.#running.get(key) ?? this.#journal.result(key) ?? this.#begin(key, action);
    return abortable(Promise.resolve(done), signal);
  }

  #begin(key: string, action: ChainAction): Promise<ActionReceipt> {
    const intended = this.#journal.intend(key, action);
    return this.#start(key, () => this.#run(key, intended));
  }

  #start(key: string, run: () => Promise<ActionReceipt>): Promise<ActionReceipt> {
    const promise = run().finally(() => this.#running.delete(key));
    promise.catch(() => {}); // nobody may be waiting any more
    this.#running.set(key, promise);
    return promise;
  }

  async #run(key: string, action: ChainAction): Promise<ActionReceipt> {
    const lock = this.#options.exclusive(action);
    const deliver = async () => this.#finished(key, await this.#sign(key, action));
    return lock === null ? deliver() : this.#exclusive.run(lock, deliver);
  }

  async #finished(key: string, pending: Pending): Promise<ActionReceipt> {
    try {
      return await pending.done.promise;
    } catch (error) {
      if (!isInfernetError(error, "nonce_conflict")) throw error;
      this.#options.log.warn({ key, err: error }, "signing again with a fresh nonce");
      return this.#run(key, this.#journal.action(key));
    }
  }

  /** Estimates, gives a nonce, signs, journals and sends. A call that would revert ends here and uses no nonce. */
  async #sign(key: string, action: ChainAction): Promise<Pending> {
    const { reader, signer, log } = this.#options;
    let target: Target;
    let gasLimit: bigint;
    try {
      ({ target, gasLimit } = await this.#persist(async () => {
        const target = await this.#options.prepare(action);
        const gas = await reader.estimateGas(action.type, { ...target, from: signer.address });
        // What others do before it is mined can make it dearer.
        return { target, gasLimit: (gas * 13n) / 10n };
      }));
    } catch (error) {
      if (isRevert(error)) this.#journal.finish(key, [], error);
      throw error;
    }
    return this.#nonces.run("", async () => {
      const [nonce, fees] = await this.#persist(() => Promise.all([this.#nextNonce(), marketFees(reader)]));
      await this.#requireFunds(gasLimit * fees.maxFee);
      const transaction = this.#signTransaction(target, nonce, gasLimit, fees);
      this.#journal.signed(key, transaction);
      const pending = this.#track(key, [transaction]);
      log.debug({ key, nonce, transaction: transaction.hash }, "sending");
      await this.#send(pending);
      return pending;
    });
  }

  /** The account's next nonce: after everything mined, and after everything of ours that waits. */
  async #nextNonce(): Promise<number> {
    const { reader, signer } = this.#options;
    const waiting = [...this.#pending.values()].map(({ transactions }) => transactions[0]!.nonce + 1);
    return Math.max(await reader.nonce(signer.address), ...waiting);
  }

  async #requireFunds(gasCost: bigint): Promise<void> {
    const { reader, signer } = this.#options;
    const waiting = [...this.#pending.values()].reduce((sum, { transactions }) => sum + transactions.at(-1)!.gasLimit * transactions.at(-1)!.fees.maxFee, 0n);
    const available = await this.#persist(() => reader.balance(signer.address));
    if (available >= gasCost + waiting) return;
    throw new InfernetError("insufficient_funds", `${signer.address} has ${available} wei, ${gasCost + waiting} may be needed for gas`, {
      details: { account: signer.address, available: String(available), needed: String(gasCost + waiting) },
    });
  }

  #signTransaction({ to, data }: Target, nonce: number, gasLimit: bigint, fees: Fees): SignedTransaction {
    const { signer, chainId } = this.#options;
    const transaction = Transaction.from({ type: 2, chainId, nonce, to, data, gasLimit, maxFeePerGas: fees.maxFee, maxPriorityFeePerGas: fees.tip });
    transaction.signature = signer.signingKey.sign(transaction.unsignedHash);
    return { hash: transaction.hash!, nonce, raw: transaction.serialized, to, data, gasLimit, fees };
  }

  #track(key: string, transactions: SignedTransaction[]): Pending {
    const pending: Pending = { key, done: Promise.withResolvers(), transactions: [...transactions], sentAt: -1, underpriced: false, lost: 0 };
    pending.done.promise.catch(() => {});
    this.#pending.set(key, pending);
    if (!this.#watching) void this.#watch();
    return pending;
  }

  /** Sends the best paid transaction of a nonce. Whatever the answer, the chain has the last word. */
  async #send(pending: Pending): Promise<void> {
    const { rpc, log } = this.#options;
    const { hash, raw } = pending.transactions.at(-1)!;
    const outcome = await sendRaw(rpc, raw);
    if (outcome.error !== undefined) log.warn({ key: pending.key, transaction: hash, err: outcome.error }, "the transaction was not taken; trying again");
    pending.underpriced = outcome.underpriced;
    pending.sentAt = -1;
  }

  #oldestFirst(): Pending[] {
    return [...this.#pending.values()].sort((a, b) => a.transactions[0]!.nonce - b.transactions[0]!.nonce);
  }

  /** Looks after what is not mined, at every new block, as long as there is anything. */
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
    const receipts = await Promise.all(this.#oldestFirst().map(async (pending) => ({ pending, mined: await this.#minedOf(pending) })));
    let front = true;
    for (const { pending, mined } of receipts) {
      if (mined !== null) {
        pending.lost = 0;
        if (head.number - mined.receipt.blockNumber >= confirmations) await this.#end(pending, mined);
      } else if (used > pending.transactions[0]!.nonce) {
        if (++pending.lost >= LOST_HEADS) this.#abandon(pending);
      } else {
        pending.lost = 0;
        await this.#push(pending, head, front);
        front = false;
      }
    }
  }

  async #minedOf({ transactions }: Pending): Promise<Mined | null> {
    for (const transaction of transactions.toReversed()) {
      const receipt = await this.#options.reader.receipt(transaction.hash);
      if (receipt !== null) return { transaction, receipt };
    }
    return null;
  }

  async #end(pending: Pending, mined: Mined): Promise<void> {
    const end = await minedEnd(this.#options.reader, this.#options.signer.address, mined);
    this.#journal.finish(pending.key, pending.transactions, end);
    this.#pending.delete(pending.key);
    if (end instanceof InfernetError) pending.done.reject(end);
    else pending.done.resolve(end);
  }

  #abandon(pending: Pending): void {
    const { nonce } = pending.transactions[0]!;
    this.#journal.abandon(pending.transactions);
    this.#pending.delete(pending.key);
    pending.done.reject(new InfernetError("nonce_conflict", `nonce ${nonce} of ${this.#options.signer.address} was used by another transaction`));
  }

  /** Sends again what is not mined; the first in line is replaced by a better paid one when it is stuck. */
  async #push(pending: Pending, head: Block, front: boolean): Promise<void> {
    const { reader, stuckBlocks, log } = this.#options;
    if (pending.sentAt < 0 || pending.sentAt > head.number) {
      pending.sentAt = head.number;
      if (!pending.underpriced) return;
    }
    const waited = head.number - pending.sentAt;
    if (front && (pending.underpriced || waited >= stuckBlocks)) {
      const last = pending.transactions.at(-1)!;
      const better = this.#signTransaction(last, last.nonce, last.gasLimit, replacementFees(last.fees, await marketFees(reader)));
      this.#journal.signed(pending.key, better);
      pending.transactions.push(better);
      log.info({ key: pending.key, nonce: better.nonce, transaction: better.hash, maxFee: String(better.fees.maxFee) }, "replacing a stuck transaction");
      await this.#send(pending);
    } else if (waited > 0 && waited % RESEND_BLOCKS === 0) {
      await sendRaw(this.#options.rpc, pending.transactions.at(-1)!.raw);
    }
  }

  #persist<T>(run: () => Promise<T>): Promise<T> {
    const { signal, log } = this.#options;
    return persist(run, { signal, onRetry: (error) => log.warn({ err: error }, "cannot reach the chain; trying again") });
  }
}
