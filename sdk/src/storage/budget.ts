import { InfernetError, throwIfAborted } from "../core/index.ts";
import { FETCH_DEFAULTS, type ImportLimits } from "./store.ts";

/** A stream that ends with an error when it goes on beyond the bytes that are allowed, or takes longer. */
export class Budget {
  consumed = 0;
  #allowed = 0;
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #caller: AbortSignal | undefined;
  readonly #timeoutMs: number;

  constructor(source: AsyncIterable<Uint8Array>, { signal, timeoutMs = FETCH_DEFAULTS.timeoutMs }: ImportLimits) {
    this.#source = source;
    this.#caller = signal;
    this.#timeoutMs = timeoutMs;
  }

  /** @param bytes - how many may come after `from` before no further part is taken */
  allow(bytes: number, from = 0): void {
    this.#allowed = from + bytes;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    throwIfAborted(this.#caller);
    const over = Promise.withResolvers<never>();
    over.promise.catch(() => {});
    const onAbort = () => over.reject(new InfernetError("aborted", "aborted by the caller", { cause: this.#caller?.reason }));
    const timer = setTimeout(() => over.reject(new InfernetError("content_timeout", `the CAR did not come within ${this.#timeoutMs} ms`)), this.#timeoutMs);
    this.#caller?.addEventListener("abort", onAbort, { once: true });
    const parts = this.#source[Symbol.asyncIterator]();
    let done = false;
    try {
      for (;;) {
        const next = await Promise.race([parts.next(), over.promise]);
        done = next.done === true;
        if (next.done) return;
        if (this.consumed >= this.#allowed) throw new InfernetError("content_too_large", `the CAR goes on beyond the ${this.#allowed} bytes that its root allows`);
        this.consumed += Math.max(next.value.length, 1);
        yield next.value;
      }
    } finally {
      clearTimeout(timer);
      this.#caller?.removeEventListener("abort", onAbort);
      // Not awaited: a source that hangs does not end either.
      if (!done) void parts.return?.().catch(() => {});
    }
  }
}
