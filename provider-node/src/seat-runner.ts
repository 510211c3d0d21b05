import { isInfernetError } from "@infernet/sdk/core";
import type { ChainPort } from "@infernet/sdk/chain";
import { withLogFields, type DueAction, type Journal, type Logger, type NodeMetrics, type StateCounts } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";
import { failureOf } from "./decline.ts";
import { decide, FRESH, phaseOf, reduceWork, type Decision, type Margins, type Phase, type SeatFacts, type Work, type WorkEvent } from "./machine.ts";
import { seatAction } from "./seat-actions.ts";
import { readSeat, writeSeat } from "./seat-journal.ts";
import { factsOf, type Seat } from "./seats.ts";
import type { Worker } from "./work.ts";

/** Changes what a seat does; only for demonstrations of misbehaviour. */
export type Conduct = (decision: Decision, facts: SeatFacts) => Decision;

/** What the seats of a node need. */
export interface SeatRunnerOptions {
  readonly port: Pick<ChainPort, "chain" | "jobsAddress">;
  readonly worker: Worker;
  readonly store: Pick<ContentStore, "has">;
  readonly journal: Journal;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Seats at work at a time. */
  readonly concurrency: number;
  readonly margins: Margins;
  /** Told when work has moved on, so that nobody waits for the next block. */
  readonly onChange: () => void;
  readonly conduct?: Conduct;
  /** Where the time and the end of each phase are counted. */
  readonly metrics?: Pick<NodeMetrics, "stageSeconds" | "stageFailures" | "shardsEntered">;
}

interface Running {
  work: Work;
  phase: Phase;
  /** When it came to its phase, by the clock of `performance`. */
  since: number;
  readonly shards: number;
  abort?: AbortController;
  restored?: boolean;
}

/** The seats of this node: works on them, remembers what they showed, says what to send. */
export class SeatRunner {
  readonly #options: SeatRunnerOptions;
  readonly #seats = new Map<string, Running>();
  #time = 0;
  #atWork = 0;

  constructor(options: SeatRunnerOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#seats.forEach(({ abort }) => abort?.abort()), { once: true });
  }

  /**
   * Takes a seat one step on: begins its work, or says which transaction it needs now.
   * @param from - multiaddrs that should have the job's content
   * @param time - chain time, seconds
   */
  step(seat: Seat, from: readonly string[], time: number): DueAction | null {
    const { margins, conduct = (decision: Decision) => decision, concurrency, port, signal } = this.#options;
    this.#time = time;
    const running = this.#running(seat);
    const facts = factsOf(seat);
    const decision = conduct(decide(facts, running.work, time, margins), facts);
    this.#note(seat, running, facts);
    if (decision.do === "give-up" || facts.declined) running.abort?.abort();
    if (decision.do === "work" && this.#atWork < concurrency && !signal.aborted) void this.#work(seat, running, from);
    if ((facts.committed || facts.revealed) && running.work.stage === "done" && running.restored === false) void this.#restore(seat, running, from);
    return seatAction(port, seat, facts, running.work, decision);
  }

  /** Seats that are being worked on. */
  get atWork(): number {
    return this.#atWork;
  }

  /** Whether no seat is being worked on. */
  get idle(): boolean {
    return this.#atWork === 0;
  }

  /** Shards of the seats that are looked after, by phase. */
  counts(): StateCounts {
    const counts: Record<string, number> = {};
    for (const { phase, shards } of this.#seats.values()) counts[phase] = (counts[phase] ?? 0) + shards;
    return counts;
  }

  /** Forgets seats that are not among these. */
  retain(keys: ReadonlySet<string>): void {
    for (const [key, { abort }] of this.#seats) {
      if (keys.has(key)) continue;
      abort?.abort();
      this.#seats.delete(key);
    }
  }

  #running(seat: Seat): Running {
    let running = this.#seats.get(seat.key);
    if (running !== undefined) return running;
    const output = readSeat(this.#options.journal, seat);
    const fresh = { phase: "drawn" as const, since: performance.now(), shards: seat.shards.length };
    running = output === undefined ? { work: FRESH, ...fresh } : { work: { stage: "done", output }, ...fresh, restored: false };
    this.#seats.set(seat.key, running);
    return running;
  }

  async #work(seat: Seat, running: Running, from: readonly string[]): Promise<void> {
    const { worker, journal, log } = this.#options;
    const abort = (running.abort = new AbortController());
    const move = (event: WorkEvent) => {
      running.work = reduceWork(running.work, event);
      this.#note(seat, running, factsOf(seat));
    };
    move({ type: "begun" });
    this.#atWork++;
    try {
      const fields = { job: seat.job.id, batch: seat.batch.number, position: seat.position, shards: seat.shards };
      const output = await withLogFields(fields, () => worker.work(seat, { from, signal: abort.signal, onFetched: () => move({ type: "fetched" }) }));
      // Nothing of a seat reaches the chain before this is on disk.
      move({ type: "done", output: writeSeat(journal, seat, output) });
    } catch (error) {
      if (isInfernetError(error, "aborted") && abort.signal.aborted) return;
      const failure = failureOf(error);
      this.#options.metrics?.stageFailures.inc({ stage: running.phase, code: isInfernetError(error) ? error.code : "internal" });
      log.warn({ job: seat.job.id, batch: seat.batch.number, shards: seat.shards, ...failure, err: error }, "cannot do the work of a seat");
      move({ type: "failed", ...failure, time: this.#time });
    } finally {
      this.#atWork--;
      if (!abort.signal.aborted) this.#options.onChange();
    }
  }

  /** Tells the operator where a seat stands, when that has changed. */
  #note(seat: Seat, running: Running, facts: SeatFacts): void {
    const { log, margins, metrics } = this.#options;
    const phase = phaseOf(facts, running.work, this.#time, margins);
    if (phase === running.phase) return;
    log.info({ job: seat.job.id, batch: seat.batch.number, position: seat.position, kind: seat.kind, shards: seat.shards, from: running.phase, to: phase }, "seat");
    const now = performance.now();
    // What an earlier process has done took its time there.
    if (running.restored === undefined) metrics?.stageSeconds.observe({ stage: running.phase }, (now - running.since) / 1000);
    metrics?.shardsEntered.inc({ state: phase }, running.shards);
    running.phase = phase;
    running.since = now;
  }

  /** After a restart: whoever shows roots must be able to serve their results, so lost files are computed again. */
  async #restore(seat: Seat, running: Running, from: readonly string[]): Promise<void> {
    running.restored = true;
    const { store, worker, log, signal } = this.#options;
    if (running.work.stage !== "done") return;
    try {
      if (await store.has(running.work.output.dataDigest, "document")) return;
      await worker.work(seat, { from, signal });
      log.warn({ job: seat.job.id, batch: seat.batch.number }, "results were lost and have been computed again");
    } catch (error) {
      if (!signal.aborted) log.error({ job: seat.job.id, batch: seat.batch.number, err: error }, "results are lost");
    }
  }
}
