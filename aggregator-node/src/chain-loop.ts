import { InfernetError, type Hex32 } from "@infernet/sdk/core";
import { agreedShards, Directory, foldJob, JobBook, shardCount, type Account, type ChainPort, type ChainStep, type JobView, type NodeEntry, type ProtocolParameters } from "@infernet/sdk/chain";
import { Claims, CrankRunner, dueActions, type DueAction, type Logger, type StateCounts } from "@infernet/sdk/node";
import type { IntakeAnswer } from "@infernet/sdk/net";
import type { Collector } from "./collector.ts";
import type { Evidence } from "./evidence.ts";
import type { Merger } from "./merger.ts";
import type { Relay } from "./relay.ts";

/** The parts that act on what the chain says. */
export interface LoopParts {
  readonly collector: Collector;
  readonly evidence: Evidence;
  readonly merger: Merger;
  readonly relay: Relay;
}

/** What the loop of an aggregator needs. */
export interface ChainLoopOptions {
  readonly port: ChainPort;
  readonly directory: Directory;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Seconds that the content of a closed job is kept. */
  readonly keepSeconds: number;
  readonly parts: LoopParts;
  /** Told of each own job that was opened. */
  readonly onOpened: (view: JobView) => void;
  /** Told of every step, as soon as it has been taken in. */
  readonly onStep?: (step: ChainStep) => void;
  /** Told after each step that was taken at the head of the chain. */
  readonly onLive?: (node: NodeEntry | null) => void;
}

/** Seconds of chain time between two looks for content that nobody needs any more. */
const SWEEP_SECONDS = 300;

/**
 * Follows the chain and does what its own jobs need: collects results, opens conflicts, turns every
 * crank at once, merges. Keeps nothing that chain, content and journal do not hold: it starts from
 * the first event each time, and acts when it has caught up.
 */
export class ChainLoop {
  readonly #options: ChainLoopOptions;
  readonly #book: JobBook;
  readonly #runner: CrankRunner;
  readonly #claims: Claims;
  readonly #parameters = new Map<number, ProtocolParameters>();
  readonly #tokens = new Set<Account>();
  #time = 0;
  #live = false;
  #sweptAt = 0;

  constructor(options: ChainLoopOptions) {
    this.#options = options;
    const { port, log, signal, directory } = options;
    this.#book = new JobBook({ nodeOf: directory.nodeOf, keep: (view) => this.#isOwn(view) && !this.#isOver(view) });
    this.#runner = new CrankRunner({ port, log, signal, parallel: 8, longestPause: 8 });
    this.#claims = new Claims(port, log, () => this.reconcile());
  }

  /** The node that this process works for; null before it is registered. */
  get node(): NodeEntry | null {
    const { port, directory } = this.#options;
    return (port.account === null ? undefined : directory.nodeOfAccount(port.account)) ?? null;
  }

  /** Own jobs that are not over, and their shards, by state. */
  counts(): { jobs: StateCounts; shards: StateCounts } {
    const jobs = { open: 0, closing: 0 };
    const shards = { working: 0, agreed: 0, lost: 0 };
    for (const job of this.#book.values()) {
      if (!this.#isOwn(job) || this.#isOver(job)) continue;
      jobs[job.closed === undefined ? "open" : "closing"]++;
      const agreed = agreedShards(job).length;
      const lost = [...job.shards.values()].filter(({ status }) => status === "refunded" || status === "tied").length;
      shards.agreed += agreed;
      shards.lost += lost;
      shards.working += shardCount(job.terms) - agreed - lost;
    }
    return { jobs, shards };
  }

  /** Follows until the signal fires; then waits for transactions that are being handed over. */
  async run(): Promise<void> {
    const { port, signal, onLive } = this.#options;
    for await (const step of port.follow(null, { signal })) {
      this.#apply(step);
      if (!this.#live) continue;
      this.reconcile();
      this.#sweep();
      onLive?.(this.node);
    }
    await this.#runner.idle();
  }

  /** Does, or begins, whatever is due now. */
  reconcile(): void {
    const { signal, parts } = this.#options;
    const node = this.node?.node;
    if (!this.#live || node === undefined || signal.aborted) return;
    const actions: DueAction[] = this.#claims.due(this.#tokens, node, this.#time);
    for (const job of this.#book.values()) {
      if (!this.#isOwn(job)) continue;
      parts.collector.offer(job, this.#time);
      parts.merger.offer(job);
      const parameters = this.#parametersOf(job.terms.parameters);
      if (parameters === undefined) continue;
      const openings = (shard: number) => parts.evidence.opening(job, shard, () => this.reconcile());
      actions.push(...dueActions(job, this.#time, { parameters, openings }));
    }
    this.#runner.offer(actions, this.#time);
  }

  /**
   * What is here of a job's results. A job that has been forgotten is read from the chain again.
   * @throws {InfernetError} `job_not_found` for a job of somebody else
   */
  async results(id: Hex32): Promise<IntakeAnswer> {
    const { port, parts, directory } = this.#options;
    const known = this.#book.get(id);
    if (known !== undefined && this.#isOwn(known)) return parts.merger.answer(known);
    const events = await port.jobEvents(id);
    const view = events.length === 0 ? undefined : foldJob(events, directory.nodeOf);
    if (view === undefined || !this.#isOwn(view)) throw new InfernetError("job_not_found", `this node does not aggregate the job ${id}`);
    await parts.collector.collectNow(view);
    await parts.merger.mergeNow(view).catch(() => {}); // The shards that are here are of use without it.
    return parts.merger.answer(view);
  }

  #apply(step: ChainStep): void {
    const { directory, onOpened, parts, keepSeconds } = this.#options;
    directory.apply(step);
    const changed = this.#book.apply(step);
    this.#claims.apply(step.events, this.node?.node ?? null);
    this.#time = step.time;
    this.#live ||= step.live;
    this.#options.onStep?.(step);
    for (const event of step.events) {
      if (!("job" in event)) continue;
      const view = this.#book.get(event.job);
      if (view === undefined || !this.#isOwn(view)) continue;
      if (event.type === "job-opened") {
        this.#tokens.add(view.terms.token);
        onOpened(view);
      }
      if (event.type === "job-closed") parts.relay.extend(view.terms.manifest, event.at.time + keepSeconds);
    }
    for (const job of changed) {
      if (this.#book.get(job) !== undefined) continue;
      parts.collector.forget(job);
      parts.merger.forget(job);
    }
  }

  #sweep(): void {
    const { parts, log } = this.#options;
    if (this.#time < this.#sweptAt + SWEEP_SECONDS) return;
    this.#sweptAt = this.#time;
    const inUse = new Set([...this.#book.values()].map((view) => view.terms.manifest));
    parts.relay.release(this.#time, inUse).then(
      (released) => released > 0 && log.info({ released }, "let go of content that nobody needs any more"),
      (err: unknown) => log.warn({ err }, "cannot release content"),
    );
  }

  /** Parameter sets never change; one that is not here yet arrives before the next block. */
  #parametersOf(version: number): ProtocolParameters | undefined {
    const known = this.#parameters.get(version);
    if (known === undefined)
      void this.#options.port
        .parameters(version)
        .then((parameters) => this.#parameters.set(version, parameters))
        .catch((err: unknown) => this.#options.log.debug({ version, err }, "cannot read parameters"));
    return known;
  }

  #isOwn(view: JobView): boolean {
    // Before the node is known nothing is refused: it may turn out to be an own job.
    const node = this.node?.node;
    return node === undefined || view.aggregator === node || view.terms.aggregator === node;
  }

  /** Whether nothing is left to do for a job. */
  #isOver(view: JobView): boolean {
    if (view.closed === undefined) return false;
    const batches = [...view.batches.values()].filter((batch) => batch.drawnAt !== undefined);
    return batches.every((batch) => batch.settled !== undefined && batch.faults.size === 0 && (batch.extra !== undefined || batch.finalised === true)) && view.slashes.every(({ state }) => state !== "pending");
  }
}
