import { throwIfAborted } from "@infernet/sdk/core";

/** Executions under way in an executor: all of them end when it is closed. */
export class Executions {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  /** Whether the executor is closed, or being closed. */
  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /**
   * Runs one, under a signal that also fires at the end of the executor.
   * @throws {InfernetError} `aborted`
   */
  async run<T>(signal: AbortSignal | undefined, execute: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const either = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    throwIfAborted(either);
    const running = execute(either);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends them, and refuses more. Resolves when none is under way any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the executor is closed"));
    await Promise.allSettled(this.#running);
  }
}
