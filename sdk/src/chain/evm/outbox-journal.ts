import { z } from "zod";
import { ERRORS, InfernetError, type ErrorCode } from "../../core/index.ts";
import type { ActionReceipt, ChainAction } from "../actions.ts";
import { actionFromJson, actionToJson, type Json } from "./action-json.ts";
import type { Fees } from "./fees.ts";

/** What the outbox needs of a journal; the daemons' `Journal` has it. Entries are on disk when a call returns. */
export interface OutboxJournal {
  intend(key: string, kind: string, payload: Json): { readonly payload: Json };
  complete(key: string, result: Json): unknown;
  get(key: string): { readonly state: "pending" | "complete"; readonly payload: Json; readonly result: Json } | undefined;
  pending(kind?: string): readonly { readonly key: string; readonly payload: Json }[];
  atomically<T>(write: () => T): T;
}

/** A signed transaction. Several with one nonce replace each other: at most one is mined. */
export interface SignedTransaction {
  readonly hash: string;
  readonly nonce: number;
  readonly raw: string;
  readonly to: string;
  readonly data: string;
  readonly gasLimit: bigint;
  readonly fees: Fees;
  /** Set on a transaction that does nothing but use up the nonce: what its intent ends with when it is mined. */
  readonly ends: InfernetError | null;
}

const ACTION = "evm-action";
const TRANSACTION = "evm-transaction";

const natural = z.string().regex(/^\d+$/).transform(BigInt);
const errorSchema = z
  .object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()) })
  .transform(({ code, message, details }) => new InfernetError(code in ERRORS ? (code as ErrorCode) : "internal", message, { details }));
const transactionSchema = z.object({
  intent: z.string(),
  hash: z.string(),
  nonce: z.number(),
  raw: z.string(),
  to: z.string(),
  data: z.string(),
  gasLimit: natural,
  maxFee: natural,
  tip: natural,
  ends: errorSchema.nullable().default(null),
});
const resultSchema = z.union([
  z.object({ transaction: z.string(), height: z.number(), time: z.number(), gas: natural }),
  z.object({ error: errorSchema }),
]);

/** Actions and transactions of one account on one chain, in a journal that may hold others too. */
export class TransactionJournal {
  readonly #journal: OutboxJournal;
  readonly #prefix: string;

  constructor(journal: OutboxJournal, chainId: number, account: string) {
    this.#journal = journal;
    this.#prefix = `evm:${chainId}:${account}:`;
  }

  /** Writes down what is to be done; what was written under the key before stands. */
  intend(key: string, action: ChainAction): ChainAction {
    return actionFromJson(this.#journal.intend(this.#prefix + key, ACTION, actionToJson(action)).payload);
  }

  /** The action of an intent that is known. */
  action(key: string): ChainAction {
    return actionFromJson(this.#journal.get(this.#prefix + key)!.payload);
  }

  /** What came of an intent; undefined while that is open. @throws its error, if it failed */
  result(key: string): ActionReceipt | undefined {
    const entry = this.#journal.get(this.#prefix + key);
    if (entry === undefined || entry.state === "pending") return undefined;
    const result = resultSchema.parse(entry.result);
    if ("transaction" in result) return result;
    throw result.error;
  }

  /** Writes down a signed transaction; to be sent only afterwards. */
  signed(key: string, { fees, gasLimit, ends, ...rest }: SignedTransaction): void {
    this.#journal.intend(this.#transactionKey(rest.hash), TRANSACTION, {
      ...rest,
      intent: key,
      gasLimit: gasLimit.toString(),
      maxFee: fees.maxFee.toString(),
      tip: fees.tip.toString(),
      ends: ends && errorToJson(ends),
    });
  }

  /** Transactions whose end is unknown, by the intent they serve, oldest first. */
  unfinished(): Map<string, SignedTransaction[]> {
    const byIntent = new Map<string, SignedTransaction[]>();
    for (const { key, payload } of this.#journal.pending(TRANSACTION)) {
      if (!key.startsWith(this.#prefix)) continue;
      const { intent, maxFee, tip, ...rest } = transactionSchema.parse(payload);
      byIntent.set(intent, [...(byIntent.get(intent) ?? []), { ...rest, fees: { maxFee, tip } }]);
    }
    return byIntent;
  }

  /** Writes down how an intent ended, and its transactions with it. */
  finish(key: string, transactions: readonly SignedTransaction[], end: ActionReceipt | InfernetError): void {
    const result: Json = end instanceof InfernetError ? { error: errorToJson(end) } : { ...end, gas: end.gas.toString() };
    this.#journal.atomically(() => {
      this.#journal.complete(this.#prefix + key, result);
      for (const { hash } of transactions) this.#journal.complete(this.#transactionKey(hash), "finished");
    });
  }

  /** Writes down that transactions can never be mined; their intent stays open. */
  abandon(transactions: readonly SignedTransaction[]): void {
    this.#journal.atomically(() => {
      for (const { hash } of transactions) this.#journal.complete(this.#transactionKey(hash), "nonce used by another");
    });
  }

  #transactionKey(hash: string): string {
    return `${this.#prefix}#${hash}`;
  }
}

function errorToJson({ code, message, details }: InfernetError): Json {
  return { code, message, details: JSON.parse(JSON.stringify(details)) as Json };
}
