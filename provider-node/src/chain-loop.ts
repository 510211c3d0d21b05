import type { Hex32 } from "@infernet/sdk/core";
import { Directory, JobBook, type Account, type ChainPort, type ChainStep, type JobView, type NodeEntry, type ProtocolParameters } from "@infernet/sdk/chain";
import { Claims, CrankRunner, dueActions, undrawnBatches, type DueAction, type Logger, type StateCounts } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";
import type { Draining } from "./draining.ts";
import { Evidence } from "./evidence.ts";
import { ownShare, patienceBlocks } from "./patience.ts";
import type { Retention } from "./retention.ts";
import type { SeatRunner } from "./seat-runner.ts";
import { seatsOf, type Seat } from "./seats.ts";
import { Upkeep } from "./upkeep.ts";

/** What the loop of a provider needs. */
export interface ChainLoopOptions {
  readonly port: ChainPort;
  readonly store: ContentStore;
  readonly seats: SeatRunner;
  readonly pool: Hex32;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Seconds between blocks: others' turns at the cranks are counted in them. */
  readonly blockSeconds: number;
  readonly retention: Retention;
  /** Seconds of chain time between two syncs of the own weight, 0 = none. */
  readonly syncSeconds: number;
  readonly draining?: Draining;
  /** Told of every step, as soon as it has been taken in. */
  readonly onStep?: (step: ChainStep) => void;
  /** Told after each step that was taken at the head of the chain. */
  readonly onLive?: (node: NodeEntry | null) => void;
}

/**
 * Follows the chain and does what it asks of this node. Keeps nothing that the chain and the
 * journal do not hold: it starts from the first event each time and acts when it has caught up.
 */
export class ChainLoop {
  readonly directory = new Directory();
  readonly #options: ChainLoopOptions;
  readonly #book: JobBook;
  readonly #own: CrankRunner;
  readonly #cranks: CrankRunner;
  readonly #claims: Claims;
  readonly #evidence: Evidence;
  readonly #parameters = new Map<number, ProtocolParameters>();
  readonly #tokens = new Set<Account>();
  readonly #upkeep: Upkeep;
  #time = 0;
  #live = false;

  constructor(options: ChainLoopOptions) {
    this.#options = options;
    const { port, store, log, signal } = options;
    this.#upkeep = new Upkeep(options.syncSeconds);
    const nodeOf = this.directory.nodeOf;
    this.#book = new JobBook({ nodeOf, keep: (job) => this.#concerns(job) });
    this.#own = new CrankRunner({ port, log, signal, parallel: 16, longestPause: 4 });
    this.#cranks = new CrankRunner({ port, log, signal, parallel: 4 });
    this.#claims = new Claims(port, log, () => this.reconcile());
    this.#evidence = new Evidence({ store, directory: this.directory, log, signal });
  }

  /** The node that this process works for; null before it is registered. */
  get node(): NodeEntry | null {
    const { account } = this.#options.port;
    return (account === null ? undefined : this.directory.nodeOfAccount(account)) ?? null;
  }

  /** Jobs in which this node has a seat, and the shards of these seats, by state. */
  counts(): { jobs: StateCounts; shards: StateCounts } {
    const node = this.node?.node;
    const jobs = { open: 0, closing: 0 };
    for (const job of this.#book.values()) {
      if (node === undefined || !this.#concerns(job) || seatsOf(job, node, this.directory.nodeOf).length === 0) continue;
      jobs[job.closed === undefined ? "open" : "closing"]++;
    }
    return { jobs, shards: this.#options.seats.counts() };
  }

  /** Follows until the signal fires; then waits for transactions that are being handed over. */
  async run(): Promise<void> {
    const { port, signal, seats, retention, onLive } = this.#options;
    for await (const step of port.follow(null, { signal })) {
      this.#apply(step);
      if (!this.#live) continue;
      this.reconcile();
      if (seats.idle) void retention.sweep(step.time);
      onLive?.(this.node);
    }
    await Promise.all([this.#own.idle(), this.#cranks.idle()]);
  }

  /** Does, or begins, whatever is due now. */
  reconcile(): void {
    const { seats: runner, blockSeconds, signal } = this.#options;
    const entry = this.node;
    if (!this.#live || entry === null || signal.aborted) return;
    const { node } = entry;
    const own: DueAction[] = [];
    const cranks: DueAction[] = [...this.#claims.due(this.#tokens, node, this.#time), ...this.#membership(entry), ...(this.#options.draining?.due(node, this.#time) ?? [])];
    const keys = new Set<string>();
    for (const job of this.#book.values()) {
      const seats = seatsOf(job, node, this.directory.nodeOf);
      for (const seat of seats) {
        keys.add(seat.key);
        const action = runner.step(seat, this.#sources(job), this.#time);
        if (action !== null) own.push(action);
      }
      const patience = blockSeconds * patienceBlocks(job, seats, node);
      cranks.push(...ownShare(this.#due(job, seats, patience), seats, patience));
    }
    runner.retain(keys);
    this.#own.offer(own, this.#time);
    this.#cranks.offer(cranks, this.#time);
  }

  #apply(step: ChainStep): void {
    this.directory.apply(step);
    this.#book.apply(step);
    const node = this.node?.node ?? null;
    this.#claims.apply(step.events, node);
    this.#upkeep.apply(step.events, node);
    this.#options.retention.apply(step.events);
    for (const event of step.events) if (event.type === "job-opened" && event.terms.pool === this.#options.pool) this.#tokens.add(event.terms.token);
    this.#time = step.time;
    this.#live ||= step.live;
    this.#options.onStep?.(step);
  }

  #membership(entry: NodeEntry): DueAction[] {
    const { pool } = this.#options;
    const index = this.directory.memberOf(pool, entry.node);
    const member = index === undefined ? undefined : this.directory.member(pool, index);
    return member === undefined ? [] : this.#upkeep.due(pool, member, entry, this.#time);
  }

  #due(job: JobView, seats: readonly Seat[], patience: number): DueAction[] {
    if (seats.length === 0 && (job.closed !== undefined || undrawnBatches(job).length === 0)) return [];
    const parameters = this.#parametersOf(job.terms.parameters);
    if (parameters === undefined) return [];
    // Fetching what everybody else fetches too is left to those whose turn it is.
    const openings = (shard: number) => (this.#time < job.shards.get(shard)!.since + patience ? null : this.#evidence.opening(job, shard, () => this.reconcile()));
    return dueActions(job, this.#time, { parameters, openings });
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

  /** Who should have a job's content: whom the client named, and the aggregator. */
  #sources(job: JobView): string[] {
    return [...new Set([...job.locators, ...this.directory.multiaddrs(job.aggregator)])];
  }

  /** Jobs of the pool, until nothing of them is left to do. */
  #concerns(job: JobView): boolean {
    if (job.terms.pool !== this.#options.pool) return false;
    if (job.closed === undefined) return true;
    const batches = [...job.batches.values()].filter((batch) => batch.drawnAt !== undefined);
    return batches.some((batch) => batch.settled === undefined || batch.faults.size > 0 || (batch.extra === undefined && !batch.finalised)) || job.slashes.some(({ state }) => state === "pending");
  }
}
