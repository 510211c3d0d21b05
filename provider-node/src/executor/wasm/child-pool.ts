import { InfernetError, throwIfAborted } from "@infernet/sdk/core";

/** What the pool needs to know of its members. */
export interface Pooled {
  readonly alive: boolean;
  kill(): Promise<void>;
}

interface Idle<T> {
  readonly key: string;
  readonly child: T;
}

/**
 * Keeps children warm between executions. At most `size` exist at once; each serves one execution
 * at a time, and only executions of its key. A child of another key gives way when all are used up.
 */
export class ChildPool<T extends Pooled> {
  readonly #size: number;
  readonly #all = new Set<T>();
  /** Longest idle first. */
  #idle: Idle<T>[] = [];
  /** Executions that hold a place: with a child, or just starting or ending one. */
  readonly #uses = new Set<Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(size: number) {
    this.#size = size;
  }

  /** Children that exist now. */
  get children(): readonly T[] {
    return [...this.#all].filter((child) => child.alive);
  }

  /**
   * Runs `use` with a child of `key`, which `start` makes where none is warm. The child stays warm
   * if it is still alive afterwards.
   * @throws {InfernetError} `aborted` while waiting for a place, or when the pool is closed
   */
  async with<R>(key: string, start: () => Promise<T>, use: (child: T) => Promise<R>, signal?: AbortSignal): Promise<R> {
    while (!this.#closed && !signal?.aborted && this.#uses.size >= this.#size) await this.#wait(signal);
    throwIfAborted(signal);
    if (this.#closed) throw closed();
    const using = this.#use(key, start, use);
    this.#uses.add(using);
    try {
      return await using;
    } catch (error) {
      throw this.#closed ? closed(error) : error;
    } finally {
      this.#uses.delete(using);
      this.#waiting.shift()?.();
    }
  }

  /** Kills all children and refuses every further use. Resolves when no child is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all([...this.#all].map((child) => child.kill()));
    await Promise.allSettled(this.#uses);
    this.#all.clear();
    this.#idle = [];
  }

  async #use<R>(key: string, start: () => Promise<T>, use: (child: T) => Promise<R>): Promise<R> {
    // The promise of this call is not in #uses yet.
    const others = this.#uses.size;
    const child = (await this.#warm(key, others)) ?? (await start());
    this.#all.add(child);
    try {
      if (this.#closed) throw closed();
      return await use(child);
    } finally {
      if (this.#closed) await child.kill();
      if (child.alive) this.#idle.push({ key, child });
      else this.#all.delete(child);
    }
  }

  /** Waits until a place may be free, or the signal fires. */
  async #wait(signal?: AbortSignal): Promise<void> {
    const woken = Promise.withResolvers<void>();
    const wake = (): void => woken.resolve();
    this.#waiting.push(wake);
    signal?.addEventListener("abort", wake, { once: true });
    await woken.promise;
    signal?.removeEventListener("abort", wake);
    const index = this.#waiting.indexOf(wake);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /** Takes a warm child of `key`; where there is none, makes room for a new one. */
  async #warm(key: string, others: number): Promise<T | undefined> {
    for (const { child } of this.#idle) if (!child.alive) this.#all.delete(child);
    this.#idle = this.#idle.filter(({ child }) => child.alive);
    const match = this.#idle.find((idle) => idle.key === key);
    const leaving = match ?? (others + this.#idle.length >= this.#size ? this.#idle[0] : undefined);
    if (leaving === undefined) return undefined;
    this.#idle.splice(this.#idle.indexOf(leaving), 1);
    if (match !== undefined) return match.child;
    await leaving.child.kill();
    this.#all.delete(leaving.child);
    return undefined;
  }
}

function closed(cause?: unknown): InfernetError {
  return new InfernetError("aborted", "the executor is closed", { cause });
}
