import { InfernetError, parseInput, throwIfAborted, type Digest, type Hex32, type ParsedInput } from "../core/index.ts";
import type { ChainPort, JobTerms } from "../chain/index.ts";
import { createDirect, type Direct, type DirectHost } from "../net/index.ts";
import type { ContentStore } from "../storage/index.ts";
import { ChainWatch } from "./chain-watch.ts";
import { keepFile, keepProgram, publishContent, publishManifest, shardFile } from "./content.ts";
import { SILENT, type ClientContext, type ClientLog } from "./context.ts";
import { createHandle, type JobHandle } from "./handle.ts";
import { JobRun, type Resubmit } from "./job-run.ts";
import { makeOffer, makeOfferAnyway, readMarket, type Offer } from "./offer.ts";
import { committedTo, openAttempt, openError, sendOpen } from "./open.ts";
import { draftTerms, type Price } from "./pricing.ts";
import { recoverJob } from "./recover.ts";
import { keyOfJob, MemoryJournal, nonceOf, readRecord, wholeRanges, writeRecord, type ClientJournal, type JobRecord } from "./record.ts";
import { parseRequestInput, REQUEST_DEFAULTS, type AggregatorChoice, type JobRequest } from "./request.ts";

/** What a client works with. */
export interface ClientOptions {
  /** Signs as the client's account. */
  readonly port: ChainPort;
  readonly store: ContentStore & { readonly libp2p?: DirectHost };
  /** Direct messages to aggregators; default: over the store's own host. */
  readonly direct?: Direct;
  /** Where submissions are written down; default: only in memory, so that a crash forgets how the input was written. */
  readonly journal?: ClientJournal;
  /** Who is asked where a request says `auto`; default: whoever the chain knows. */
  readonly aggregator?: "auto" | number | AggregatorChoice;
  readonly log?: ClientLog;
}

/** A price, and the terms behind it. Nothing has been spent. */
export interface JobQuote {
  readonly price: Price;
  readonly terms: JobTerms;
  /** Node id; null on the direct path. */
  readonly aggregator: number | null;
  /** Chain time until which the aggregator's word holds; null on the direct path. */
  readonly validUntil: number | null;
  readonly items: number;
  readonly shards: number;
  readonly offer: Offer;
}

/** How a job is submitted. */
export interface SubmitOptions {
  /** Names the submission: the same key never opens a second job. Default: a fresh one. */
  readonly key?: string;
  /** An offer that `quote` made for the same request. */
  readonly quote?: JobQuote;
}

/** Buys inference. */
export interface InfernetClient {
  /**
   * What a job would cost; puts its content into the store, spends nothing.
   * @throws {InfernetError} `invalid_input`, `pool_not_found`, `pool_too_small`, `no_aggregator`, `quote_refused`, …
   */
  quote(request: JobRequest): Promise<JobQuote>;
  /**
   * Opens a job. Resolves when it is funded on chain.
   * @throws {InfernetError} as {@link quote}, and `price_above_cap`, `quote_expired`, `insufficient_funds`, `chain_reverted`, …
   */
  submitJob(request: JobRequest, options?: SubmitOptions): Promise<JobHandle>;
  /** A job that was submitted before, by this process or another. @throws {InfernetError} `job_not_found` */
  job(id: Hex32, options?: { readonly signal?: AbortSignal }): Promise<JobHandle>;
  /** Stops following. Jobs go on without it; the port and the store stay open. */
  close(): Promise<void>;
}

/** Creates a client. Nothing is asked of the network before the first call. */
export function createClient(options: ClientOptions): InfernetClient {
  return new Client(options);
}

class Client implements InfernetClient {
  readonly #context: ClientContext;
  readonly #aggregator: JobRequest["aggregator"];
  readonly #closing = new AbortController();
  readonly #handles = new Map<string, Promise<JobHandle>>();

  constructor({ port, store, direct, journal = new MemoryJournal(), aggregator = "auto", log = SILENT }: ClientOptions) {
    const host = direct ?? (store.libp2p === undefined ? null : createDirect(store.libp2p));
    this.#context = { port, store, direct: host, journal, log, watch: new ChainWatch(port) };
    this.#aggregator = aggregator;
  }

  async quote(request: JobRequest): Promise<JobQuote> {
    const { parsed } = parseRequestInput(request);
    const offer = await this.#offer(request, parsed, nonceOf(this.#account(), crypto.randomUUID(), 0, 0));
    return quoteOf(offer);
  }

  async submitJob(request: JobRequest, { key = crypto.randomUUID(), quote }: SubmitOptions = {}): Promise<JobHandle> {
    throwIfAborted(request.signal);
    const running = this.#handles.get(key);
    if (running !== undefined) return running;
    const handle = this.#submit(request, key, quote);
    this.#handles.set(key, handle);
    handle.catch(() => this.#handles.delete(key));
    return handle;
  }

  async job(id: Hex32, { signal }: { signal?: AbortSignal } = {}): Promise<JobHandle> {
    const { journal, watch } = this.#context;
    const key = keyOfJob(journal, id) ?? `recovered:${id}`;
    const running = this.#handles.get(key);
    if (running !== undefined) return running;
    const record = readRecord(journal, key);
    const handle = (async () => {
      if (record !== undefined) return (await this.#resume(record, signal)) ?? this.#notOpened(id);
      const view = await watch.view(id);
      await watch.ready(signal);
      const recovered = await recoverJob(this.#context, view, signal);
      return this.#start(recovered.record, recovered.parsed, signal);
    })();
    this.#handles.set(key, handle);
    handle.catch(() => this.#handles.delete(key));
    return handle;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#context.watch.close();
  }

  async #submit(request: JobRequest, key: string, quote: JobQuote | undefined): Promise<JobHandle> {
    const { journal, store, log } = this.#context;
    const before = readRecord(journal, key);
    if (before !== undefined && before.attempts.length > 0) {
      const handle = await this.#resume(before, request.signal);
      if (handle !== undefined) return handle;
    }
    const { bytes, parsed } = parseRequestInput(request);
    const record = toRecord(key, await keepFile(store, bytes), request, await keepProgram(store, request.workload), request.aggregator === undefined ? this.#aggregator : request.aggregator);
    const ranges = wholeRanges(parsed.items.length, request.shardSize ?? REQUEST_DEFAULTS.shardSize);
    const make = async (n: number) => {
      if (n === 0 && quote !== undefined) return this.#requireValid(quote);
      return this.#offer(request, parsed, nonceOf(this.#account(), key, 0, n));
    };
    const attempt = await openAttempt(this.#context, record, ranges, 0n, make, request.signal);
    log.info({ job: attempt.job, items: parsed.items.length, shards: ranges.length, deposit: String(attempt.deposit) }, "job opened");
    return this.#start(record, parsed, request.signal);
  }

  /** Goes on with what was written down. @returns undefined when nothing of it was ever opened */
  async #resume(record: JobRecord, signal: AbortSignal | undefined): Promise<JobHandle | undefined> {
    const { port, journal, store } = this.#context;
    const last = record.attempts.at(-1)!;
    if ((await port.jobEvents(last.job)).length === 0) {
      try {
        await sendOpen(this.#context, last, signal);
      } catch (error) {
        if (!(openError(error) instanceof InfernetError) || (error as InfernetError).code !== "chain_reverted") throw error;
        record.attempts.pop();
        writeRecord(journal, record);
        if (record.attempts.length === 0) return undefined;
      }
    }
    const parsed = parseInput(await store.getFile(record.input, signal === undefined ? {} : { signal }), record.format);
    return this.#start(record, parsed, signal);
  }

  #start(record: JobRecord, parsed: ParsedInput, caller: AbortSignal | undefined): JobHandle {
    const signal = caller === undefined ? this.#closing.signal : AbortSignal.any([caller, this.#closing.signal]);
    return createHandle(record, new JobRun(this.#context, record, parsed, this.#resubmit(record, parsed), signal));
  }

  async #offer(request: JobRequest, parsed: ParsedInput, nonce: bigint): Promise<Offer> {
    const choice = request.aggregator === undefined ? this.#aggregator : request.aggregator;
    const market = await readMarket(this.#context, request, choice, request.signal);
    const content = await publishContent(this.#context.store, parsed.items, request.shardSize ?? REQUEST_DEFAULTS.shardSize, request.workload);
    const draft = draftTerms(request, market, { client: this.#account(), nonce, manifest: content.manifest, items: content.items });
    return makeOffer(this.#context, draft, choice, market, request.signal);
  }

  /** Buys the same items again, on the terms of the first job but for what has changed since. */
  #resubmit(record: JobRecord, parsed: ParsedInput): Resubmit {
    return async (ranges, attempts, signal) => {
      const { store } = this.#context;
      const spent = attempts.reduce((sum, { attempt, view }) => sum + committedTo(attempt, view.closed?.refund), 0n);
      const { terms } = record.attempts[0]!;
      const make = async (n: number) => {
        const choice = record.aggregator as JobRequest["aggregator"];
        const market = await readMarket(this.#context, terms, choice, signal);
        const shards: Digest[] = [];
        for (const { first, count } of ranges) shards.push(await keepFile(store, shardFile(parsed.items.slice(first, first + count))));
        const items = ranges.reduce((sum, { count }) => sum + count, 0);
        const { manifest } = await publishManifest(store, { items, itemsPerShard: terms.itemsPerShard, shards, program: record.workload });
        const { client, pool, token, shardReward, itemsPerShard, unitsPerShard, replicas, committeeWidth, revealWindow, challengeWindow } = terms;
        const request = { pool, token, shardReward, replicas, committeeWidth, revealWindow, challengeWindow, shardSize: itemsPerShard, workload: { unitsPerItem: Number(unitsPerShard) / itemsPerShard } };
        const draft = draftTerms(request as unknown as JobRequest, market, { client, nonce: nonceOf(client, record.key, attempts.length, n), manifest, items });
        return makeOfferAnyway(this.#context, draft, choice, market, signal);
      };
      return openAttempt(this.#context, record, ranges, spent, make, signal);
    };
  }

  async #requireValid(quote: JobQuote): Promise<Offer> {
    const { time } = await this.#context.port.head();
    const until = Math.min(quote.validUntil ?? Infinity, quote.terms.deadline);
    if (until <= time) throw new InfernetError("quote_expired", `the quote was good until ${until}, it is ${time}`);
    return quote.offer;
  }

  #account(): string {
    const { account } = this.#context.port;
    if (account === null) throw new InfernetError("invalid_argument", "this port has no key to sign with");
    return account;
  }

  #notOpened(id: Hex32): never {
    throw new InfernetError("job_not_found", `the job ${id} was never opened: the chain refused it`);
  }
}

function quoteOf(offer: Offer): JobQuote {
  const { terms, quote, price } = offer;
  return { price, terms, aggregator: terms.aggregator === 0 ? null : terms.aggregator, validUntil: quote?.validUntil ?? null, items: terms.items, shards: Math.ceil(terms.items / terms.itemsPerShard), offer };
}

function toRecord(key: string, input: Digest, request: JobRequest, program: JobRecord["workload"], aggregator: JobRequest["aggregator"]): JobRecord {
  const { format, workload, maxPrice, resubmit = true, modelName = workload.model?.name ?? "model" } = request;
  const choice = typeof aggregator === "object" && aggregator !== null ? { node: aggregator.node, ...(aggregator.multiaddrs && { multiaddrs: [...aggregator.multiaddrs] }) } : (aggregator ?? null);
  return { version: 1, key, input, format, modelName, maxPrice, resubmit, workload: program, aggregator: choice, cancelled: false, attempts: [] };
}
