import { InfernetError, isInfernetError, mergeResults, type ParsedInput } from "../core/index.ts";
import type { JobView } from "../chain/index.ts";
import { Broadcast } from "./broadcast.ts";
import { readContent } from "./content.ts";
import { Collector, type ShardOutcome } from "./collect.ts";
import type { ClientContext } from "./context.ts";
import { costOf, type JobCost } from "./cost.ts";
import { revertReason } from "./open.ts";
import { isDecidedState, overallProgress, shardState, type JobEvent, type JobProgress } from "./progress.ts";
import { buildReceipt, type Receipt } from "./receipt/index.ts";
import { writeRecord, type Attempt, type JobRecord, type ShardRange } from "./record.ts";

/** What a submission brought. */
export interface JobResult {
  /** OpenAI batch-result JSONL, one line a request, in input order. */
  readonly output: Uint8Array;
  /** Result lines of the items that were computed, in input order; with the receipt they can be checked by anyone. */
  readonly data: Uint8Array;
  readonly receipt: Receipt;
  readonly cost: JobCost;
  /** Whether every item has a result. */
  readonly complete: boolean;
}

/** Buys refunded shards again. */
export type Resubmit = (ranges: readonly ShardRange[], attempts: readonly { attempt: Attempt; view: JobView }[], signal: AbortSignal) => Promise<Attempt>;

/** Times that refunded shards are bought again: what fails this often will not succeed. */
const MAX_RESUBMISSIONS = 5;
/** Seconds after the deadline before the client itself ends a job that nobody drew. */
const EXPIRY_PATIENCE = 15;

/** Follows one submission through all its jobs, collects the results, and buys refunded shards again. */
export class JobRun {
  readonly events = new Broadcast<JobEvent>();
  readonly outcomes = new Broadcast<ShardOutcome>();
  readonly #context: ClientContext;
  readonly #record: JobRecord;
  readonly #parsed: ParsedInput;
  readonly #resubmit: Resubmit;
  readonly #signal: AbortSignal;
  readonly #views = new Map<Attempt, JobView>();
  readonly #expiring = new Set<Attempt>();
  readonly #done: Promise<JobResult>;

  constructor(context: ClientContext, record: JobRecord, parsed: ParsedInput, resubmit: Resubmit, signal: AbortSignal) {
    this.#context = context;
    this.#record = record;
    this.#parsed = parsed;
    this.#resubmit = resubmit;
    this.#signal = signal;
    this.#done = this.#run();
    this.#done.then(
      () => this.#close({}),
      (error: unknown) => this.#close({ error }),
    );
  }

  /** @throws {InfernetError} what ended it: `aborted`, `content_not_found`, `job_cancelled`, … */
  result(): Promise<JobResult> {
    return this.#done;
  }

  async status(): Promise<JobProgress> {
    const { watch } = this.#context;
    await watch.ready(this.#signal);
    const attempts = await Promise.all(this.#record.attempts.map(async (attempt) => ({ attempt, view: this.#views.get(attempt) ?? (await watch.view(attempt.job)) })));
    return overallProgress(attempts, watch.directory, watch.time);
  }

  /** Takes the newest job back. @throws {InfernetError} `job_state` when it has been drawn already */
  async cancel(): Promise<void> {
    const attempt = this.#record.attempts.at(-1)!;
    this.#record.cancelled = true;
    writeRecord(this.#context.journal, this.#record);
    try {
      await this.#context.port.submit(`cancel:${attempt.job}`, { type: "cancel", terms: attempt.terms });
    } catch (error) {
      if (revertReason(error) !== "JobsWrongStatus") throw error;
      throw new InfernetError("job_state", "the job has been drawn, or has ended, and cannot be taken back", { cause: error, hint: "It ends by itself; refunded shards will not be bought again." });
    }
  }

  #close(end: { error?: unknown }): void {
    this.events.close(end);
    this.outcomes.close(end);
  }

  async #run(): Promise<JobResult> {
    for (let n = 0; ; n++) {
      const attempt = this.#record.attempts[n]!;
      await this.#follow(attempt);
      if (n + 1 < this.#record.attempts.length) continue;
      const again = this.#missing(attempt);
      if (again.length === 0 || n >= MAX_RESUBMISSIONS || this.#record.cancelled || !this.#record.resubmit || !(await this.#buyAgain(again))) break;
    }
    return this.#finish();
  }

  /** Follows one job to its end, and its results to this store. */
  async #follow(attempt: Attempt): Promise<void> {
    const { watch } = this.#context;
    const collector = new Collector(this.#context, attempt, this.#record.workload.limits.lineBytes, (outcome) => this.outcomes.push(outcome), this.#signal);
    let told = 0;
    for await (const view of watch.job(attempt.job, this.#signal, (time) => this.#expireWhenDue(attempt, time))) {
      this.#views.set(attempt, view);
      for (const event of view.events.slice(told)) this.events.push({ job: attempt.job, event, cursor: { height: event.at.height, index: event.at.index } });
      told = Math.max(told, view.events.length);
      collector.offer(view);
      if (view.closed !== undefined) break;
    }
    await collector.finish();
  }

  /** Ranges of a closed job that nobody was paid for. */
  #missing(attempt: Attempt): ShardRange[] {
    const view = this.#views.get(attempt)!;
    if (view.closed!.outcome === "cancelled") return [];
    return attempt.shards.filter((_, shard) => {
      const state = shardState(view, shard);
      return !isDecidedState(state) || state === "refunded" || state === "tied";
    });
  }

  async #buyAgain(ranges: readonly ShardRange[]): Promise<boolean> {
    const { log } = this.#context;
    const attempts = this.#record.attempts.map((attempt) => ({ attempt, view: this.#views.get(attempt)! }));
    try {
      const attempt = await this.#resubmit(ranges, attempts, this.#signal);
      log.info({ job: attempt.job, shards: ranges.length }, "refunded shards bought again");
      return true;
    } catch (error) {
      if (this.#signal.aborted || !isInfernetError(error)) throw error;
      log.warn({ code: error.code, reason: error.message, shards: ranges.length }, "refunded shards are not bought again");
      return false;
    }
  }

  /** What nobody drew is refunded by whoever says so after the deadline; the client is the one who cares. */
  #expireWhenDue(attempt: Attempt, time: number): void {
    const view = this.#views.get(attempt);
    const { port, log } = this.#context;
    if (view === undefined || port.account === null || view.closed !== undefined || this.#expiring.has(attempt) || time < attempt.terms.deadline + EXPIRY_PATIENCE) return;
    if (attempt.shards.every((_, shard) => shardState(view, shard) !== "waiting")) return;
    this.#expiring.add(attempt);
    port.submit(`expire:${attempt.job}`, { type: "expire", terms: attempt.terms }).catch((error: unknown) => log.debug({ job: attempt.job, reason: String(error) }, "could not expire"));
  }

  async #finish(): Promise<JobResult> {
    const { attempts, modelName, key } = this.#record;
    const views = attempts.map((attempt) => this.#views.get(attempt)!);
    if (views.every((view) => view.closed!.outcome === "cancelled")) throw new InfernetError("job_cancelled", `the job ${attempts[0]!.job} was cancelled`, { details: { key } });
    const lines = new Array<Uint8Array | null>(this.#parsed.items.length).fill(null);
    const outcomes = [...this.outcomes.items].sort((a, b) => a.first - b.first);
    for (const outcome of outcomes) outcome.lines.forEach((line, i) => (lines[outcome.first + i] = line));
    const output = mergeResults(this.#parsed, lines, { job: attempts[0]!.job, model: modelName });
    const { port, store, watch } = this.#context;
    const contents = await Promise.all(attempts.map(({ terms }) => readContent(store, terms.manifest, { signal: this.#signal })));
    const { receipt, data } = buildReceipt({ port, directory: watch.directory, views, attempts, contents, outcomes, items: lines.length, output });
    return { output, data, receipt, cost: costOf(views), complete: lines.every((line) => line !== null) };
  }
}
