import { InfernetError, isInfernetError } from "../core/index.ts";
import type { ChainAction } from "../chain/index.ts";
import { wireTermsSchema, wireTerms } from "../net/index.ts";
import type { ClientContext } from "./context.ts";
import type { Offer } from "./offer.ts";
import { writeRecord, type Attempt, type JobRecord, type ShardRange } from "./record.ts";

/** Refusals that a fresh offer overcomes. */
const STALE = new Set(["JobsQuoteExpired", "JobsStaleParameters"]);
const MAX_OFFERS = 3;

/**
 * Opens one more job of a record. The attempt is written down before anything is sent, and its
 * transaction is named by the job's id, so that it is opened once however often this is tried.
 * @param make - makes the n-th offer; each must have a nonce of its own
 * @param spent - what earlier attempts may have taken, in base units
 * @throws {InfernetError} `price_above_cap`, `insufficient_funds`, `pool_too_small`, `quote_expired`, …
 */
export async function openAttempt(context: ClientContext, record: JobRecord, shards: readonly ShardRange[], spent: bigint, make: (n: number) => Promise<Offer>, signal?: AbortSignal): Promise<Attempt> {
  for (let n = 0; ; n++) {
    const offer = await make(n);
    requirePrice(offer, record.maxPrice - spent);
    await requireFunds(context, offer);
    const attempt = toAttempt(context, offer, shards);
    record.attempts.push(attempt);
    writeRecord(context.journal, record);
    try {
      await sendOpen(context, attempt, signal);
      return attempt;
    } catch (error) {
      if (isInfernetError(error, "aborted") || (isInfernetError(error) && error.retryable)) throw error;
      // Refused for good: nothing was opened and nothing is owed.
      record.attempts.pop();
      writeRecord(context.journal, record);
      if (n + 1 >= MAX_OFFERS || !STALE.has(revertReason(error) ?? "")) throw openError(error);
      context.log.info({ job: attempt.job, reason: revertReason(error) }, "offer went stale, asking again");
    }
  }
}

/** Sends, or goes on sending, the transaction that opens an attempt. */
export async function sendOpen({ port }: Pick<ClientContext, "port">, attempt: Attempt, signal?: AbortSignal): Promise<void> {
  const { terms, quote, locators, deposit } = attempt;
  const action: ChainAction = { type: "open", terms, quote, locators, deposit };
  await port.submit(attempt.send, action, signal === undefined ? {} : { signal });
}

/** Base units that an attempt has taken, or may still take. */
export function committedTo(attempt: Attempt, refund: bigint | undefined): bigint {
  return attempt.deposit - (refund ?? 0n);
}

/** The error of a refused opening, by what a caller can do about it. */
export function openError(error: unknown): unknown {
  if (!isInfernetError(error, "chain_reverted")) return error;
  const { details, message } = error;
  switch (revertReason(error)) {
    case "JobsPoolTooSmall":
    case "PoolsTooFewEligible":
      return new InfernetError("pool_too_small", message, { details, cause: error });
    case "JobsQuoteSignature":
      return new InfernetError("quote_refused", `the quote is not signed by the aggregator's operator: ${message}`, { details, cause: error });
    case "JobsQuoteExpired":
      return new InfernetError("quote_expired", message, { details, cause: error });
    case "EscrowInsufficientCredit":
      return new InfernetError("insufficient_funds", message, { details, cause: error });
    case "JobsInvalidTerms":
    case "JobsWindowTooShort":
    case "JobsWindowTooLong":
    case "JobsPriceBelowFloor":
    case "EscrowTokenRefused":
      return new InfernetError("invalid_argument", message, { details, cause: error });
    case "StakingInsufficient":
      return new InfernetError("quote_refused", `the aggregator cannot post its bond: ${message}`, { details, cause: error });
    default:
      return error;
  }
}

/** Name of the contract's error behind a refusal. */
export function revertReason(error: unknown): string | undefined {
  if (!isInfernetError(error, "chain_reverted")) return undefined;
  return typeof error.details.reason === "string" ? error.details.reason : undefined;
}

function requirePrice({ price }: Offer, left: bigint): void {
  if (price.worstCase > left)
    throw new InfernetError("price_above_cap", `the worst case is ${price.worstCase} base units, the cap leaves ${left}`, { details: { worstCase: String(price.worstCase), left: String(left) } });
}

async function requireFunds({ port }: Pick<ClientContext, "port">, { terms, price }: Offer): Promise<void> {
  const [credit, balance] = await Promise.all([port.creditOf(terms.token, terms.client), port.tokenBalance(terms.token, terms.client)]);
  if (credit + balance < price.worstCase)
    throw new InfernetError("insufficient_funds", `${terms.client} holds ${credit + balance} base units of ${terms.token} (credit included), the job takes ${price.worstCase}`, {
      details: { account: terms.client, token: terms.token, held: String(credit + balance), needed: String(price.worstCase) },
    });
}

function toAttempt({ port }: Pick<ClientContext, "port">, { terms, quote, locators, price }: Offer, shards: readonly ShardRange[]): Attempt {
  const job = port.jobId(terms);
  return { job, send: `open:${job}`, terms: wireTermsSchema.parse(wireTerms(terms)), quote, locators: [...locators], deposit: price.worstCase, shards: [...shards] };
}
