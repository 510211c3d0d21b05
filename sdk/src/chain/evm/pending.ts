import type { BaseWallet } from "ethers";
import { InfernetError } from "../../core/index.ts";
import type { ActionReceipt, ChainAction } from "../actions.ts";
import type { PortObserver, TransactionEvent } from "../observer.ts";
import type { Target } from "./encode.ts";
import type { Heads } from "./heads.ts";
import { minedEnd, type Mined } from "./mined.ts";
import { isUsedByForeign } from "./nonce-user.ts";
import type { SignedTransaction, TransactionJournal } from "./outbox-journal.ts";
import type { Block, Reader } from "./reader.ts";
import { Renewal } from "./renewal.ts";
import type { RpcRefusal } from "./endpoint.ts";
import type { Rpc } from "./rpc.ts";
import { Sender } from "./send.ts";
import type { SendAnswer } from "./send-raw.ts";
import { pause, type PortLogger } from "./wait.ts";

/** What looking after transactions takes. */
export interface PendingOptions {
  readonly rpc: Rpc;
  readonly reader: Reader;
  readonly heads: Heads;
  readonly signer: BaseWallet;
  readonly chainId: number;
  /** Blocks on top of a transaction before it counts. */
  readonly confirmations: number;
  /** Blocks on top of a transaction before it is forgotten: a reorganisation that takes it back earlier is mended. */
  readonly reorgDepth: number;
  /** Blocks after which a transaction that is not mined is replaced by a better paid one, one that nobody takes by a fresh one. */
  readonly stuckBlocks: number;
  /** Turns an action into a call, signing a permit where one is needed. */
  readonly prepare: (action: ChainAction) => Promise<Target>;
  readonly log: PortLogger;
  readonly observer: PortObserver;
  readonly signal: AbortSignal;
}

/** A nonce at work. */
export interface Pending {
  readonly key: string;
  readonly nonce: number;
  /** How its intent ends; another promise when a reorganisation has taken that back. */
  done: PromiseWithResolvers<ActionReceipt>;
  /** Oldest first; the last one is the best paid. */
  readonly transactions: SignedTransaction[];
  /** How it has ended, and where, until no reorganisation is expected to reach that any more. */
  settled: Settled | null;
  /** What it had ended with when a reorganisation took it back: nothing shall come of it now. */
  doom: InfernetError | null;
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

/** A confirmed end, and the block that it stands in. */
export interface Settled {
  readonly end: ActionReceipt | InfernetError;
  readonly height: number;
  readonly hash: string;
}

/** Heads at which a nonce must look used by another before it is believed: one node may lag behind another. */
const LOST_HEADS = 2;
/** Blocks between two sendings of a transaction that is not mined. */
const RESEND_BLOCKS = 3;
const TROUBLE_PAUSE_MS = 200;
/** Receipts that are asked for at a time. */
const AT_ONCE = 16;

/**
 * Signed transactions of one account until no reorganisation reaches them any more: sends them, again when they got
 * lost, others in their place when they are stuck or refused, and notices when a foreign transaction has used their nonce.
 */
export class PendingTransactions {
  readonly #options: PendingOptions;
  readonly #journal: TransactionJournal;
  readonly #onReopened: (pending: Pending) => void;
  readonly #renewal: Renewal;
  readonly #sender: Sender;
  readonly #pending = new Map<string, Pending>();
  #watching = false;

  /** @param onReopened - told when a reorganisation has taken back what had ended; `done` is a new promise then */
  constructor(options: PendingOptions, journal: TransactionJournal, onReopened: (pending: Pending) => void) {
    this.#options = options;
    this.#journal = journal;
    this.#onReopened = onReopened;
    this.#renewal = new Renewal(options, (key) => journal.action(key));
    this.#sender = new Sender(options);
  }

  /** By nonce; those that have ended included. */
  list(): Pending[] {
    return [...this.#pending.values()].sort((a, b) => a.nonce - b.nonce);
  }

  get(key: string): Pending | undefined {
    return this.#pending.get(key);
  }

  /**
   * Looks after the transactions of an intent from now on; those that were not sent are sent at the next head. `done`
   * becomes its receipt, or why it failed; `nonce_conflict` when none of the transactions can be mined any more.
   */
  track(key: string, transactions: readonly SignedTransaction[]): Pending {
    const { nonce } = transactions[0]!;
    const pending: Pending = {
      key, nonce, done: promised(), transactions: [...transactions], settled: null, doom: null,
      offeredAt: null, sentAt: null, answer: null, refusal: undefined, renewals: 0, lost: 0,
    };
    this.#pending.set(key, pending);
    if (!this.#watching) void this.#watch();
    return pending;
  }

  /** Sends the best paid transaction of a nonce, until an endpoint has answered. @throws {InfernetError} `aborted` */
  send(pending: Pending): Promise<void> {
    return this.#sender.send(pending);
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
    const { reader, signer, confirmations, log } = this.#options;
    await this.#review(head);
    const open = this.list().filter(({ settled }) => settled === null);
    if (open.length === 0) return;
    const confirmed = Math.max(0, head.number - confirmations);
    // The nonce first: if it is used by ours, the receipt that is asked for later is there.
    const used = await reader.nonce(signer.address, confirmed);
    let first = true;
    for (const { pending, mined } of await this.#find(open)) {
      if (mined === null && used > pending.nonce) {
        if (++pending.lost >= LOST_HEADS && (await isUsedByForeign(reader, signer.address, pending, confirmed, log))) this.#abandon(pending);
        continue;
      }
      pending.lost = 0;
      if (mined === null) {
        await this.#push(pending, head, first);
        first = false;
      } else if (head.number - mined.receipt.blockNumber >= confirmations) await this.#settle(pending, mined, head);
    }
  }

  /** Takes back what has ended in blocks that are not on the chain any more, and forgets what lies deep enough. */
  async #review(head: Block): Promise<void> {
    const { reader, reorgDepth } = this.#options;
    const settled = this.list().flatMap((pending) => (pending.settled === null ? [] : [{ pending, ...pending.settled }])).sort((a, b) => b.height - a.height);
    for (const { pending, height, hash } of settled) {
      const block = await reader.block(height);
      if (block === null) return; // a node that lags behind cannot tell
      if (block.hash === hash) break; // and so are those below it
      this.#reopen(pending);
    }
    for (const { pending, height } of settled) if (pending.settled !== null && head.number - height >= reorgDepth) this.#forget(pending, pending.settled.end);
  }

  async #find(open: readonly Pending[]): Promise<{ pending: Pending; mined: Mined | null }[]> {
    const found: { pending: Pending; mined: Mined | null }[] = [];
    for (let i = 0; i < open.length; i += AT_ONCE) found.push(...(await Promise.all(open.slice(i, i + AT_ONCE).map(async (pending) => ({ pending, mined: await this.#minedOf(pending) })))));
    return found;
  }

  async #minedOf({ transactions }: Pending): Promise<Mined | null> {
    for (const transaction of transactions.toReversed()) {
      const receipt = await this.#options.reader.receipt(transaction.hash);
      if (receipt !== null) return { transaction, receipt };
    }
    return null;
  }

  async #settle(pending: Pending, mined: Mined, head: Block): Promise<void> {
    const { blockNumber: height, blockHash: hash } = mined.receipt;
    const end = await minedEnd(this.#options.reader, this.#options.signer.address, mined);
    pending.settled = { end, height, hash };
    this.#observe(pending, end instanceof InfernetError ? "failed" : "confirmed");
    if (head.number - height >= this.#options.reorgDepth) this.#forget(pending, end);
    if (end instanceof InfernetError) pending.done.reject(end);
    else pending.done.resolve(end);
  }

  #reopen(pending: Pending): void {
    const { key, nonce } = pending;
    const { end, height } = pending.settled!;
    this.#options.log.warn({ key, nonce, height }, "the block of a finished transaction has left the chain; sending again");
    // Whoever was told that it failed may have done it in another way: it must not succeed now.
    Object.assign(pending, { done: promised(), settled: null, doom: end instanceof InfernetError ? end : null, offeredAt: null, sentAt: null, answer: null, renewals: 0, lost: 0 });
    this.#onReopened(pending);
  }

  #observe({ key }: Pending, event: TransactionEvent): void {
    this.#options.observer.transaction(event, this.#journal.action(key).type);
  }

  #forget({ key, transactions }: Pending, end: ActionReceipt | InfernetError): void {
    this.#journal.finish(key, transactions, end);
    this.#pending.delete(key);
  }

  #abandon({ key, nonce, transactions, doom, done }: Pending): void {
    const end = doom ?? transactions.at(-1)!.ends;
    if (end === null) this.#journal.abandon(transactions);
    else this.#journal.finish(key, transactions, end); // nothing was to come of it, and now nothing can
    this.#pending.delete(key);
    done.reject(end ?? new InfernetError("nonce_conflict", `nonce ${nonce} of ${this.#options.signer.address} was used by another transaction`));
  }

  /** Sends again what is not mined; the first in line, for which the others wait, is replaced when it is stuck or refused. */
  async #push(pending: Pending, head: Block, first: boolean): Promise<void> {
    const doomed = pending.doom !== null && pending.transactions.at(-1)!.ends === null;
    if (doomed && !first) return;
    if (pending.answer === null && !doomed) await this.send(pending);
    pending.offeredAt ??= head.number;
    pending.sentAt ??= head.number;
    const next = first ? await this.#renewal.next(pending, head.number - pending.sentAt, head) : null;
    if (next !== null) {
      this.#journal.signed(pending.key, next);
      this.#observe(pending, next.ends === null ? "replaced" : "cancelled");
      if (pending.transactions.every(({ hash }) => hash !== next.hash)) pending.transactions.push(next);
      pending.sentAt = null;
    } else if (head.number - pending.offeredAt < RESEND_BLOCKS) return;
    await this.send(pending);
  }
}

/** A promise whose failure nobody has to handle. */
function promised(): PromiseWithResolvers<ActionReceipt> {
  const done = Promise.withResolvers<ActionReceipt>();
  done.promise.catch(() => {});
  return done;
}
