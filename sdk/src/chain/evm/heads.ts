import { throwIfAborted, type InfernetError } from "../../core/index.ts";
import type { Block, Reader } from "./reader.ts";
import { abortable, pause, persist } from "./wait.ts";

/** Watches for new blocks, once for everybody in a process who waits for one; looks only while somebody waits. */
export class Heads {
  readonly #reader: Reader;
  readonly #intervalMs: number;
  readonly #signal: AbortSignal;
  readonly #onRetry: (error: InfernetError) => void;
  #newest: Block | undefined;
  #lookedAt = -Infinity;
  #look: Promise<Block> | undefined;

  /**
   * @param intervalMs - least time between two looks
   * @param signal - ends all waiting
   */
  constructor(reader: Reader, intervalMs: number, signal: AbortSignal, onRetry: (error: InfernetError) => void) {
    this.#reader = reader;
    this.#intervalMs = intervalMs;
    this.#signal = signal;
    this.#onRetry = onRetry;
  }

  /**
   * The newest block as soon as it is another than the one with this hash; null takes any.
   * @throws {InfernetError} `aborted`
   */
  async after(hash: string | null, signal?: AbortSignal): Promise<Block> {
    for (;;) {
      throwIfAborted(signal);
      const fresh = performance.now() - this.#lookedAt < this.#intervalMs;
      if (fresh && this.#newest !== undefined && this.#newest.hash !== hash) return this.#newest;
      this.#look ??= this.#lookAgain().finally(() => (this.#look = undefined));
      const block = await abortable(this.#look, signal);
      if (block.hash !== hash) return block;
    }
  }

  async #lookAgain(): Promise<Block> {
    const wait = this.#lookedAt + this.#intervalMs - performance.now();
    if (wait > 0) await pause(wait, this.#signal);
    throwIfAborted(this.#signal);
    this.#newest = await persist(() => this.#reader.head(), { signal: this.#signal, onRetry: this.#onRetry });
    this.#lookedAt = performance.now();
    return this.#newest;
  }
}
