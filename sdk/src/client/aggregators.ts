import { InfernetError, isInfernetError, throwIfAborted, type ErrorCode } from "../core/index.ts";
import type { Directory, JobTerms, SignedQuote } from "../chain/index.ts";
import { intakeProtocol, wireTerms, type Direct, type QuoteAnswer } from "../net/index.ts";
import type { AggregatorChoice, JobRequest } from "./request.ts";

/** Terms with an aggregator in them, its word for the fee, and where it serves the content. */
export interface AggregatorQuote {
  readonly terms: JobTerms;
  readonly quote: SignedQuote;
  readonly multiaddrs: readonly string[];
}

/** What a quote may cost, so that no aggregator can ask for more than the parameters allow. */
interface QuoteLimits {
  readonly maxFeeBps: number;
  /** Chain time, seconds. */
  readonly time: number;
  readonly signal?: AbortSignal;
}

/** Aggregators that the request allows, in the order in which they are asked. */
export function candidates(choice: JobRequest["aggregator"], directory: Directory, time: number): AggregatorChoice[] {
  if (choice === null) return [];
  if (typeof choice === "object") return [{ node: choice.node, multiaddrs: choice.multiaddrs ?? directory.hostAddresses(choice.node) }];
  if (typeof choice === "number") return [{ node: choice, multiaddrs: directory.hostAddresses(choice) }];
  return [...directory.nodes()]
    .filter(({ profile, jailedUntil }) => profile !== null && profile.role !== "provider" && jailedUntil <= time)
    .map(({ node }) => ({ node, multiaddrs: directory.hostAddresses(node) }));
}

/**
 * Asks aggregators one after the other until one takes the job.
 * @param draft - terms without an aggregator
 * @param own - where this client serves the content until the aggregator has it
 * @throws {InfernetError} the aggregator's own error where only one was asked, else `no_aggregator`
 */
export async function askForQuote(direct: Direct, choices: readonly AggregatorChoice[], draft: JobTerms, own: readonly string[], limits: QuoteLimits): Promise<AggregatorQuote> {
  const failures: { node: number; error: InfernetError }[] = [];
  for (const choice of choices) {
    try {
      return await askOne(direct, choice, draft, own, limits);
    } catch (error) {
      throwIfAborted(limits.signal);
      if (!isInfernetError(error)) throw error;
      failures.push({ node: choice.node, error });
    }
  }
  if (failures.length === 1) throw failures[0]!.error;
  const reasons = failures.map(({ node, error }) => `node ${node}: ${error.message}`);
  throw new InfernetError("no_aggregator", failures.length === 0 ? "the chain knows no aggregator" : `no aggregator takes the job (${reasons.join("; ")})`, {
    details: { asked: failures.map(({ node, error }) => ({ node, code: error.code satisfies ErrorCode, message: error.message })) },
  });
}

async function askOne(direct: Direct, { node, multiaddrs = [] }: AggregatorChoice, draft: JobTerms, own: readonly string[], limits: QuoteLimits): Promise<AggregatorQuote> {
  if (multiaddrs.length === 0) throw new InfernetError("peer_unreachable", `no address of node ${node} is known`);
  const terms = { ...draft, aggregator: node };
  const request = { kind: "quote" as const, terms: wireTerms(terms), multiaddrs: [...own] };
  const answer = await direct.call(multiaddrs, intakeProtocol, request, limits.signal === undefined ? {} : { signal: limits.signal });
  if (answer.kind !== "quote") throw new InfernetError("invalid_message", `node ${node} answered something else than a quote`);
  checkAnswer(answer, node, limits);
  return {
    terms: { ...terms, aggregatorFeeBps: answer.aggregatorFeeBps },
    quote: { validUntil: answer.validUntil, signature: answer.signature },
    multiaddrs: answer.multiaddrs,
  };
}

function checkAnswer(answer: QuoteAnswer, node: number, { maxFeeBps, time }: QuoteLimits): void {
  if (answer.aggregator !== node) throw new InfernetError("invalid_message", `node ${node} answered as node ${answer.aggregator}`);
  if (answer.aggregatorFeeBps > maxFeeBps) throw new InfernetError("price_above_cap", `node ${node} asks ${answer.aggregatorFeeBps} basis points, at most ${maxFeeBps} are allowed`);
  if (answer.validUntil <= time) throw new InfernetError("quote_expired", `the quote of node ${node} was over at ${answer.validUntil}, it is ${time}`);
}
