import type { Hex32 } from "../core/index.ts";
import type { ChainEvent, ChainStep } from "./events.ts";
import { applyEvent, foldJob, type NodeOf } from "./job-reducer.ts";
import type { JobView } from "./job-view.ts";

/** How a book remembers. */
export interface JobBookOptions {
  /**
   * Whether a job is worth remembering; asked whenever it has changed. A refused job that is open is
   * forgotten at once, one that has closed only when its end is out of reach of rollbacks. Default: all.
   */
  readonly keep?: (view: JobView) => boolean;
  /** See `applyEvent`. */
  readonly nodeOf?: NodeOf;
  /** Blocks after which nothing is rolled back any more. */
  readonly settledAfter?: number;
}

/** The views of all jobs that somebody cares about, kept right when blocks leave the chain. */
export class JobBook {
  readonly #jobs = new Map<Hex32, JobView>();
  /** Slash → job: executed and cancelled slashes name no job. */
  readonly #slashes = new Map<bigint, Hex32>();
  /** Closed jobs that are not worth keeping, oldest first, until they are out of reach of rollbacks. */
  readonly #leaving = new Map<Hex32, number>();
  readonly #keep: (view: JobView) => boolean;
  readonly #nodeOf: NodeOf | undefined;
  readonly #settledAfter: number;

  constructor({ keep = () => true, nodeOf, settledAfter = 128 }: JobBookOptions = {}) {
    this.#keep = keep;
    this.#nodeOf = nodeOf;
    this.#settledAfter = settledAfter;
  }

  get size(): number {
    return this.#jobs.size;
  }

  get(job: Hex32): JobView | undefined {
    return this.#jobs.get(job);
  }

  values(): IterableIterator<JobView> {
    return this.#jobs.values();
  }

  /**
   * Takes in one step of a follower.
   * @returns jobs that it has changed, those that a rollback has undone included
   */
  apply(step: Pick<ChainStep, "rollback" | "events" | "cursor">): Set<Hex32> {
    const changed = step.rollback === undefined ? new Set<Hex32>() : this.#rollback(step.rollback.to);
    for (const event of step.events) {
      const job = "job" in event ? event.job : "slash" in event ? this.#slashes.get(event.slash) : undefined;
      if (job !== undefined && this.#applyTo(job, event)) changed.add(job);
    }
    for (const job of changed) this.#judge(job, step.cursor.height);
    for (const [job, height] of this.#leaving) {
      if (height + this.#settledAfter > step.cursor.height) break;
      this.#forget(job);
    }
    return changed;
  }

  #applyTo(job: Hex32, event: ChainEvent): boolean {
    const view = applyEvent(this.#jobs.get(job), event, this.#nodeOf);
    if (view === undefined) return false;
    this.#jobs.set(job, view);
    if (event.type === "slash-proposed") this.#slashes.set(event.slash, job);
    return true;
  }

  #judge(job: Hex32, height: number): void {
    const view = this.#jobs.get(job);
    if (view === undefined) return;
    this.#leaving.delete(job);
    if (this.#keep(view)) return;
    if (view.closed) this.#leaving.set(job, height);
    else this.#forget(job);
  }

  #forget(job: Hex32): void {
    for (const { slash } of this.#jobs.get(job)?.slashes ?? []) this.#slashes.delete(slash);
    this.#jobs.delete(job);
    this.#leaving.delete(job);
  }

  /** Drops what happened above a height, by folding the rest anew. */
  #rollback(to: number): Set<Hex32> {
    const changed = new Set<Hex32>();
    for (const [job, view] of this.#jobs) {
      if (view.events.at(-1)!.at.height <= to) continue;
      changed.add(job);
      const events = view.events.filter((event) => event.at.height <= to);
      this.#forget(job);
      if (events.length === 0) continue;
      const folded = foldJob(events, this.#nodeOf);
      this.#jobs.set(job, folded);
      for (const { slash } of folded.slashes) this.#slashes.set(slash, job);
    }
    return changed;
  }
}
