import { InfernetError, isInfernetError } from "../core/index.ts";
import type { Directory, JobTerms, PoolInfo, SignedQuote } from "../chain/index.ts";
import { askForQuote, candidates } from "./aggregators.ts";
import type { ClientContext } from "./context.ts";
import { priceOf, type Market, type Price } from "./pricing.ts";
import type { JobRequest } from "./request.ts";

/** Terms that can be opened as they stand, and what they cost. */
export interface Offer {
  readonly terms: JobTerms;
  /** The aggregator's word; null on the direct path. */
  readonly quote: SignedQuote | null;
  /** Where providers fetch the inputs. */
  readonly locators: readonly string[];
  readonly price: Price;
}

/** Errors that mean that nobody is there. */
const ABSENT = new Set(["no_aggregator", "peer_unreachable", "peer_timeout"]);
/** Most bytes of the locators in the opening event, newlines included. */
const MAX_LOCATOR_BYTES = 1024;

/** What the chain says now about the parameters, a pool and a token. */
export async function readMarket({ port, watch }: Pick<ClientContext, "port" | "watch">, { pool, token }: Pick<JobRequest, "pool" | "token">, choice: JobRequest["aggregator"], signal?: AbortSignal): Promise<Market> {
  await watch.ready(signal);
  const [parameters, poolInfo, tokenInfo, head] = await Promise.all([port.parameters(), port.pool(pool), port.token(token), port.head()]);
  return { parameters, pool: poolInfo, token: tokenInfo, time: head.time, eligible: eligible(watch.directory, poolInfo, port.account, choice, head.time) };
}

/** Of the members that can be drawn, those that are not a party to the job: at most one of them is its aggregator. */
function eligible(directory: Directory, pool: PoolInfo, client: string | null, choice: JobRequest["aggregator"], time: number): number {
  const isMember = (node: number | undefined) => node !== undefined && directory.memberOf(pool.id, node) !== undefined;
  const own = client !== null && isMember(directory.nodeOfAccount(client)?.node) ? 1 : 0;
  const aggregator = candidates(choice, directory, time).some(({ node }) => isMember(node)) ? 1 : 0;
  return pool.members - own - aggregator;
}

/**
 * Turns a draft into an offer: asks an aggregator where one is wanted.
 * @param draft - terms without an aggregator; the content that they name is in the store
 */
export async function makeOffer(context: ClientContext, draft: JobTerms, choice: JobRequest["aggregator"], market: Market, signal?: AbortSignal): Promise<Offer> {
  const { direct, store, watch } = context;
  const own = locators(store.addresses());
  if (choice === null) return offer(draft, null, own, market);
  if (direct === null) throw new InfernetError("no_aggregator", "this client's store has no host for direct messages", { hint: "Pass aggregator: null, or a store with a libp2p host." });
  const limits = { maxFeeBps: market.parameters.maxAggregatorFeeBps, time: market.time, ...(signal && { signal }) };
  const { terms, quote, multiaddrs } = await askForQuote(direct, candidates(choice ?? "auto", watch.directory, market.time), draft, own, limits);
  // This client too has the content: for providers that are drawn while the aggregator is down.
  return offer(terms, quote, locators([...multiaddrs, ...own]), market);
}

/**
 * As {@link makeOffer}, but goes without an aggregator where none can be had: what was begun with one
 * is to be ended, and this client is there to serve the inputs.
 */
export async function makeOfferAnyway(context: ClientContext, draft: JobTerms, choice: JobRequest["aggregator"], market: Market, signal?: AbortSignal): Promise<Offer> {
  try {
    return await makeOffer(context, draft, choice, market, signal);
  } catch (error) {
    if (!isInfernetError(error) || !ABSENT.has(error.code)) throw error;
    context.log.warn({ reason: error.message }, "no aggregator for the resubmission: going without");
    return makeOffer(context, draft, null, market, signal);
  }
}

function offer(terms: JobTerms, quote: SignedQuote | null, multiaddrs: readonly string[], market: Market): Offer {
  return { terms, quote, locators: multiaddrs, price: priceOf(terms, market.parameters) };
}

/** As many addresses as fit the event. */
function locators(addresses: readonly string[]): string[] {
  let bytes = 0;
  return addresses.filter((address) => (bytes += address.length + 1) <= MAX_LOCATOR_BYTES);
}
