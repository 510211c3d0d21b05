import type { InfernetError } from "../../core/index.ts";
import { gasCost } from "./account.ts";
import type { SignedTransaction } from "./outbox-journal.ts";
import type { Pending, PendingOptions } from "./pending.ts";
import { Rarely } from "./rarely.ts";
import { sendRaw } from "./send-raw.ts";
import { persist } from "./wait.ts";

const COMPLAINT_PAUSE_MS = 60_000;

/** Hands signed transactions to the endpoints, and tells when the account cannot pay for them. */
export class Sender {
  readonly #options: Pick<PendingOptions, "rpc" | "reader" | "signer" | "log" | "signal">;
  readonly #complaint = new Rarely(COMPLAINT_PAUSE_MS);

  constructor(options: Pick<PendingOptions, "rpc" | "reader" | "signer" | "log" | "signal">) {
    this.#options = options;
  }

  /**
   * Sends the best paid transaction of a nonce, until an endpoint has answered; where it is refused, the earlier ones
   * are better than none. Whatever the answer, the chain has the last word.
   * @throws {InfernetError} `aborted`
   */
  async send(pending: Pending): Promise<void> {
    const { log } = this.#options;
    const { transactions, key } = pending;
    const last = transactions.at(-1)!;
    let { answer, refusal } = await this.#offer(last);
    // A cancellation is alone: what it replaces is not to be mined any more.
    for (const earlier of last.ends === null ? transactions.slice(0, -1).reverse() : []) {
      if (answer === "taken" || answer === "underpriced") break;
      if ((await this.#offer(earlier)).answer === "taken") answer = "taken";
    }
    if (answer === "taken" && pending.answer !== null && pending.answer !== "taken") pending.sentAt = null;
    if (answer === "unfunded") await this.#complain(last);
    else if (answer !== "taken") log.warn({ key, transaction: last.hash, answer, err: refusal }, "the transaction was not taken; trying again");
    Object.assign(pending, { answer, refusal, offeredAt: null });
  }

  #offer({ raw }: SignedTransaction) {
    const { rpc, log, signal } = this.#options;
    return persist(() => sendRaw(rpc, raw), { signal, onRetry: (error: InfernetError) => log.warn({ err: error }, "cannot send; trying again") });
  }

  async #complain(transaction: SignedTransaction): Promise<void> {
    if (!this.#complaint.due()) return;
    const { reader, signer, log, signal } = this.#options;
    const account = signer.address;
    const available = await persist(() => reader.balance(account), { signal });
    const needed = gasCost(transaction);
    log.warn({ account, available: String(available), needed: String(needed) }, `${account} has ${available} wei, and its next transaction may need ${needed} for gas: send it more. Everything goes on by itself then`);
  }
}
