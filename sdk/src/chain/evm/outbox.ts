import { InfernetError, isInfernetError } from "../../core/index.ts";
import type { ActionReceipt, ChainAction } from "../actions.ts";
import { gasCost, signTransaction } from "./account.ts";
import type { Target } from "./encode.ts";
import { marketFees } from "./fees.ts";
import { roomyGas } from "./gas.ts";
import { isRevert } from "./mined.ts";
import { KeyedMutex } from "./mutex.ts";
import { TransactionJournal, type OutboxJournal } from "./outbox-journal.ts";
import { PendingTransactions, type Pending, type PendingOptions } from "./pending.ts";
import { abortable, persist } from "./wait.ts";

/** What an outbox works with. */
export interface OutboxOptions extends PendingOptions {
  readonly journal: OutboxJournal;
  /** Actions with the same name here must not be under way together: they spend one allowance. */
  readonly exclusive: (action: ChainAction) => string | null;
}

/**
 * Sends each action once. An intent is journaled before anything happens, a transaction before it is
 * sent, so that after a crash the same transaction is sent again; an intent gets another nonce only
 * when its own has been used by a foreign transaction and it can no longer be mined. An intent that
 * has a nonce fails only when a transaction with that nonce has been mined. What a reorganisation takes
 * back after it was confirmed is sent again, until it lies `reorgDepth` blocks deep.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #journal: TransactionJournal;
  readonly #pending: PendingTransactions;
  readonly #nonces = new KeyedMutex();
  readonly #exclusive = new KeyedMutex();
  readonly #running = new Map<string, Promise<ActionReceipt>>();

  /** Takes up the transactions that an earlier process has left behind. */
  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#journal = new TransactionJournal(options.journal, options.chainId, options.signer.address);
    this.#pending = new PendingTransactions(options, this.#journal, (pending) => void this.#start(pending.key, this.#journal.action(pending.key), () => this.#ended(pending)));
    for (const [key, transactions] of this.#journal.unfinished()) {
      const pending = this.#pending.track(key, transactions);
      this.#start(key, this.#journal.action(key), () => this.#ended(pending));
      options.log.info({ key, nonce: pending.nonce, transaction: transactions.at(-1)!.hash }, "taken up again");
    }
  }

  /** See `ChainPort.submit`. */
  async submit(key: string, action: ChainAction, signal?: AbortSignal): Promise<ActionReceipt> {
    const done = this.#running.get(key) ?? this.#pending.get(key)?.done.promise ?? this.#journal.result(key) ?? this.#begin(key, action);
    return abortable(Promise.resolve(done), signal);
  }

  #begin(key: string, action: ChainAction): Promise<ActionReceipt> {
    const intended = this.#journal.intend(key, action);
    return this.#start(key, intended, async () => this.#ended(await this.#sign(key, intended)));
  }

  #start(key: string, action: ChainAction, run: () => Promise<ActionReceipt>): Promise<ActionReceipt> {
    const lock = this.#options.exclusive(action);
    const promise = (lock === null ? run() : this.#exclusive.run(lock, run)).finally(() => this.#running.delete(key));
    promise.catch(() => {}); // nobody may be waiting any more
    this.#running.set(key, promise);
    return promise;
  }

  /** How a nonce ends; when a foreign transaction has used it, how the action ends under another one. */
  async #ended(pending: Pending): Promise<ActionReceipt> {
    try {
      return await pending.done.promise;
    } catch (error) {
      if (!isInfernetError(error, "nonce_conflict")) throw error;
      this.#options.log.warn({ key: pending.key, err: error }, "signing again with a fresh nonce");
      return this.#ended(await this.#sign(pending.key, this.#journal.action(pending.key)));
    }
  }

  /** Estimates, gives a nonce, signs, journals and sends. A call that would revert ends here and uses no nonce. */
  async #sign(key: string, action: ChainAction): Promise<Pending> {
    const { reader, signer, chainId, log, observer } = this.#options;
    const { target, gasLimit } = await this.#estimate(key, action);
    return this.#nonces.run("", async () => {
      const [nonce, fees] = await this.#persist(() => Promise.all([this.#nextNonce(), marketFees(reader)]));
      await this.#requireFunds(gasLimit * fees.maxFee);
      const transaction = signTransaction(signer, chainId, target, { nonce, gasLimit, fees });
      this.#journal.signed(key, transaction);
      observer.transaction("sent", action.type);
      log.debug({ key, nonce, transaction: transaction.hash }, "sending");
      const pending = this.#pending.track(key, [transaction]);
      await this.#pending.send(pending);
      return pending;
    });
  }

  async #estimate(key: string, action: ChainAction): Promise<{ target: Target; gasLimit: bigint }> {
    const { reader, signer, prepare } = this.#options;
    try {
      return await this.#persist(async () => {
        const target = await prepare(action);
        const [gas, head] = await Promise.all([reader.estimateGas(action.type, { ...target, from: signer.address }), reader.head()]);
        return { target, gasLimit: roomyGas(gas, head.gasLimit) };
      });
    } catch (error) {
      if (!isRevert(error)) throw error;
      this.#journal.finish(key, [], error);
      this.#options.observer.transaction("failed", action.type);
      throw error;
    }
  }

  /** The account's next nonce: after everything mined, and after everything of ours that waits. */
  async #nextNonce(): Promise<number> {
    const waiting = this.#pending.list().map(({ nonce }) => nonce + 1);
    return Math.max(await this.#options.reader.nonce(this.#options.signer.address), ...waiting);
  }

  async #requireFunds(cost: bigint): Promise<void> {
    const { address } = this.#options.signer;
    const needed = this.#pending.list().filter(({ settled }) => settled === null).reduce((sum, { transactions }) => sum + gasCost(transactions.at(-1)!), cost);
    const available = await this.#persist(() => this.#options.reader.balance(address));
    if (available >= needed) return;
    throw new InfernetError("insufficient_funds", `${address} has ${available} wei, ${needed} may be needed for gas`, {
      details: { account: address, available: String(available), needed: String(needed) },
    });
  }

  #persist<T>(run: () => Promise<T>): Promise<T> {
    const { signal, log } = this.#options;
    return persist(run, { signal, onRetry: (error) => log.warn({ err: error }, "cannot reach the chain; trying again") });
  }
}
