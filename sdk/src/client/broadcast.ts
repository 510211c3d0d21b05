import { throwIfAborted } from "../core/index.ts";
import { untilAborted } from "./abort.ts";

/** A list that only grows, with readers that wait for more of it until it is closed. */
export class Broadcast<T> {
  readonly #items: T[] = [];
  #changed = Promise.withResolvers<void>();
  #end: { error?: unknown } | undefined;

  /** What there is so far. */
  get items(): readonly T[] {
    return this.#items;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#notify();
  }

  /** Ends the readers when they have read everything; with an error, they throw it. */
  close(end: { error?: unknown } = {}): void {
    this.#end ??= end;
    this.#notify();
  }

  /** Everything from the first that `from` accepts on, then whatever comes. */
  async *read(from: (item: T) => boolean = () => true, signal?: AbortSignal): AsyncGenerator<T> {
    for (let next = 0; ; ) {
      throwIfAborted(signal);
      const item = this.#items[next];
      if (next < this.#items.length) {
        next++;
        if (from(item!)) yield item!;
      } else if (this.#end !== undefined) {
        if ("error" in this.#end) throw this.#end.error;
        return;
      } else await untilAborted(this.#changed.promise, signal);
    }
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
