import type { BaseWallet } from "ethers";
import { InfernetError, isInfernetError } from "../../core/index.ts";
import type { ActionReceipt, ChainAction } from "../actions.ts";
import { gasCost } from "./account.ts";
import type { Target } from "./encode.ts";
import type { Heads } from "./heads.ts";
import { minedEnd, type Mined } from "./mined.ts";
import { userOfNonce } from "./nonce-user.ts";
import type { SignedTransaction, TransactionJournal } from "./outbox-journal.ts";
import { Rarely } from "./rarely.ts";
import type { Block, Reader } from "./reader.ts";
import { Renewal } from "./renewal.ts";
import type { Rpc, RpcRefusal } from "./rpc.ts";
import { sendRaw, type SendAnswer } from "./send.ts";
import { pause, persist, type PortLogger } from "./wait.ts";

/** What looking after transactions takes. */
export interface PendingOptions {
  readonly rpc: Rpc;
  readonly reader: Reader;
  readonly heads: Heads;
  readonly signer: BaseWallet;
  readonly chainId: number;
  /** Blocks on top of a transaction before it counts. */
  readonly confirmations: number;
  /** Blocks after which a transaction that is not mined is replaced by a better paid one, one that nobody takes by a fresh one. */
  readonly stuckBlocks: number;
  /** Turns an action into a call, signing a permit where one is needed. */
  readonly prepare: (action: ChainAction) => Promise<Target>;
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
  /** Height of the head at which it was last sent; null before the first head after it was signed. */
  offeredAt: number | null;
  /** Height from which the waiting of the last one counts. */
  sentAt: number | null;
  /** What the endpoints said to it; null before it was sent by this process. */
  answer: SendAnswer | null;
  refusal: RpcRefusal | undefined;
  /** Times that it was signed anew because no endpoint took it. */
  renewals: number;
  /** Heads at which the nonce was used although none of the transactions was mined. */
  lost: number;
}

/** Heads at which a nonce must look used by another before it is believed: one node may lag behind another. */
const LOST_HEADS = 2;
/** Blocks between two sendings of a transaction that is not mined. */
const RESEND_BLOCKS = 3;
const COMPLAINT_PAUSE_MS = 60_000;
const TROUBLE_PAUSE_MS = 200;

/**
 * Signed transactions of one account until they are confirmed: sends them, again when they got lost, others in
 * their place when they are stuck or refused, and notices when a foreign transaction has used their nonce.
 */
export class PendingTransactions {
  readonly #options: PendingOptions;
  readonly #journal: TransactionJournal;
  readonly #renewal: Renewal;
  readonly #pending = new Map<string, Pending>();
  readonly #complaint = new Rarely(COMPLAINT_PAUSE_MS);
  #watching = false;

  constructor(options: PendingOptions, journal: TransactionJournal) {
    this.#options = options;
    this.#journal = journal;
    this.#renewal = new Renewal(options, (key) => journal.action(key));
  }

  /** By nonce. */
  list(): Pending[] {
    return [...this.#pending.values()].sort((a, b) => a.nonce - b.nonce);
  }

  /**
   * Looks after the transactions of an intent from now on; those that were not sent are sent at the next head. `done` becomes its receipt, or why it failed;
   * `nonce_conflict` when none of the transactions can be mined any more.
   */
  track(key: string, transactions: readonly SignedTransaction[]): Pending {
    const { nonce } = transactions[0]!;
    const pending: Pending = { key, nonce, done: Promise.withResolvers(), transactions: [...transactions], offeredAt: null, sentAt: null, answer: null, refusal: undefined, renewals: 0, lost: 0 };
    pending.done.promise.catch(() => {});
    this.#pending.set(key, pending);
    if (!this.#watching) void this.#watch();
    return pending;
  }

  /**
   * Sends the best paid transaction of a nonce, until an endpoint has answered; where it is refused, the earlier ones
   * are better than none. Whatever the answer, the chain has the last word.
   * @throws {InfernetError} `aborted`
   */
  async send(pending: Pending): Promise<void> {
    const { rpc, log, signal } = this.#options;
    const { transactions, key } = pending;
    const last = transactions.at(-1)!;
    const offered = last.ends === null ? transactions.toReversed() : [last];
    const patience = { signal, onRetry: (error: InfernetError) => log.warn({ err: error }, "cannot send; trying again") };
    let { answer, refusal } = await persist(() => sendRaw(rpc, last.raw), patience);
    for (const { raw } of offered.slice(1)) {
      if (answer === "taken" || answer === "underpriced") break;
      if ((await persist(() => sendRaw(rpc, raw), patience)).answer === "taken") answer = "taken";
    }
    if (answer === "taken" && pending.answer !== null && pending.answer !== "taken") pending.sentAt = null;
    if (answer === "unfunded") await this.#complain(last);
    else if (answer !== "taken") log.warn({ key, transaction: last.hash, answer, err: refusal }, "the transaction was not taken; trying again");
    Object.assign(pending, { answer, refusal, offeredAt: null });
  }

  /** At every new block, as long as there is anything to look after. Only closing the port ends it: whoever forgot a transaction could do its deed twice. */
  async #watch(): Promise<void> {
    const { heads, signal, log } = this.#options;
    this.#watching = true;
    for (let seen: string | null = null; this.#pending.size > 0 && !signal.aborted; ) {
      try {
        const head: Block = await heads.after(seen, signal);
        seen = null;
        await this.#attend(head);
        seen = head.hash;
      } catch (error) {
        if (signal.aborted) break;
        log.warn({ err: error }, "cannot look after transactions; trying again");
        await pause(TROUBLE_PAUSE_MS, signal).catch(() => {});
      }
    }
    this.#watching = false;
    if (!signal.aborted) return;
    for (const { done } of this.#pending.values()) done.reject(new InfernetError("aborted", "the port is closed"));
    this.#pending.clear();
  }

  async #attend(head: Block): Promise<void> {
    const { reader, signer, confirmations } = this.#options;
    const confirmed = Math.max(0, head.number - confirmations);
    // The nonce first: if it is used by ours, the receipt that is asked for later is there.
    const used = await reader.nonce(signer.address, confirmed);
    const found = await Promise.all(this.list().map(async (pending) => ({ pending, mined: await this.#minedOf(pending) })));
    let first = true;
    for (const { pending, mined } of found) {
      if (mined === null && used > pending.nonce) {
        if (++pending.lost >= LOST_HEADS && (await this.#isForeign(pending, confirmed))) this.#abandon(pending);
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

  /**
   * Whether another transaction has used the nonce. An endpoint that says so and does not find ours may be one whose
   * parts do not know the same blocks: signing again on its word alone could do everything twice.
   */
  async #isForeign({ key, nonce, transactions }: Pending, height: number): Promise<boolean> {
    const { reader, signer, log } = this.#options;
    try {
      const user = await userOfNonce(reader, signer.address, nonce, height);
      if (user !== null) return !transactions.some(({ hash }) => hash === user);
    } catch (error) {
      if (!isInfernetError(error, "chain_unreachable")) throw error;
      log.warn({ key, nonce, err: error }, "cannot see what has used the nonce");
    }
    for (const { hash } of transactions) if (!(await reader.unknownToAll(hash))) return false;
    return true;
  }

  #abandon({ key, nonce, transactions, done }: Pending): void {
    const { ends } = transactions.at(-1)!;
    if (ends === null) this.#journal.abandon(transactions);
    else this.#journal.finish(key, transactions, ends); // it was to be used up, and now it is
    this.#pending.delete(key);
    done.reject(ends ?? new InfernetError("nonce_conflict", `nonce ${nonce} of ${this.#options.signer.address} was used by another transaction`));
  }

  /** Sends again what is not mined; the first in line, for which the others wait, is replaced when it is stuck or refused. */
  async #push(pending: Pending, head: Block, first: boolean): Promise<void> {
    if (pending.answer === null) await this.send(pending);
    pending.offeredAt ??= head.number;
    pending.sentAt ??= head.number;
    const next = first ? await this.#renewal.next(pending, head.number - pending.sentAt, head) : null;
    if (next !== null) {
      this.#journal.signed(pending.key, next);
      if (pending.transactions.every(({ hash }) => hash !== next.hash)) pending.transactions.push(next);
      pending.sentAt = null;
    } else if (head.number - pending.offeredAt < RESEND_BLOCKS) return;
    await this.send(pending);
  }

  async #complain(transaction: SignedTransaction): Promise<void> {
    if (!this.#complaint.due()) return;
    const { reader, signer: { address: account }, log, signal } = this.#options;
    const available = await persist(() => reader.balance(account), { signal });
    const needed = gasCost(transaction);
    log.warn({ account, available: String(available), needed: String(needed) }, `${account} has ${available} wei, and its next transaction may need ${needed} for gas: send it more. Everything goes on by itself then`);
  }
}
