import { Directory, foldJob, type ChainPort, type ChainStep, type JobView } from "../chain/index.ts";
import { InfernetError, isInfernetError, type Hex32 } from "../core/index.ts";
import { untilAborted } from "./abort.ts";

/** Steps of the chain that a job may be missing after it was opened. */
const PATIENCE = 20;

/**
 * One follower for everything that a client wants to know of a chain: who the nodes are, and when a job
 * has changed. What has happened to a job is read anew from its events, which are confirmed and complete.
 */
export class ChainWatch {
  readonly directory = new Directory();
  readonly #port: ChainPort;
  readonly #closing = new AbortController();
  readonly #waiters = new Set<() => void>();
  readonly #versions = new Map<Hex32, number>();
  readonly #live = Promise.withResolvers<void>();
  #following: Promise<void> | undefined;
  #failure: unknown;
  #time = 0;

  constructor(port: ChainPort) {
    this.#port = port;
    this.#live.promise.catch(() => {});
  }

  /** Chain time of the newest block seen, seconds. */
  get time(): number {
    return this.#time;
  }

  /** Resolves when the directory has caught up with the chain. */
  async ready(signal?: AbortSignal): Promise<void> {
    this.#following ??= this.#follow();
    await untilAborted(this.#live.promise, signal);
  }

  /**
   * The views of a job: at once, then whenever something has happened to it, until the caller leaves.
   * @param onTime - told the chain's time with each step
   * @throws {InfernetError} `job_not_found`, `aborted`
   */
  async *job(id: Hex32, signal?: AbortSignal, onTime: (time: number) => void = () => {}): AsyncGenerator<JobView> {
    await this.ready(signal);
    for (let seen = -1, absent = 0; ; ) {
      const version = this.#versions.get(id) ?? 0;
      if (version !== seen || absent > 0) {
        seen = version;
        try {
          yield await this.view(id);
          absent = 0;
          continue; // Something may have happened while the caller was at work.
        } catch (error) {
          // The endpoint's next backend may not have the block yet in which it was opened.
          if (!isInfernetError(error, "job_not_found") || ++absent > PATIENCE) throw error;
        }
      }
      onTime(this.#time);
      await this.nextStep(signal);
    }
  }

  /** A job as it stands. @throws {InfernetError} `job_not_found` */
  async view(id: Hex32): Promise<JobView> {
    const events = await this.#port.jobEvents(id);
    if (events.length === 0) throw new InfernetError("job_not_found", `there is no job ${id} on this chain`);
    return foldJob(events, this.directory.nodeOf);
  }

  /** Resolves when the chain has moved on. */
  async nextStep(signal?: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add(resolve);
    try {
      await untilAborted(promise, signal);
    } finally {
      this.#waiters.delete(resolve);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    try {
      for await (const step of this.#port.follow(null, { signal: this.#closing.signal })) this.#take(step);
      this.#fail(new InfernetError("aborted", "the client has been closed"));
    } catch (error) {
      this.#fail(this.#closing.signal.aborted ? new InfernetError("aborted", "the client has been closed", { cause: error }) : error);
    }
  }

  #take(step: ChainStep): void {
    this.directory.apply(step);
    this.#time = step.time;
    if (step.rollback !== undefined) for (const [job, version] of this.#versions) this.#versions.set(job, version + 1);
    for (const event of step.events) if ("job" in event) this.#versions.set(event.job, (this.#versions.get(event.job) ?? 0) + 1);
    if (step.live) this.#live.resolve();
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#live.reject(error);
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }
}
