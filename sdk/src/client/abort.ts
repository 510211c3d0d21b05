import { InfernetError, throwIfAborted } from "../core/index.ts";

/**
 * Waits for a promise, or for the caller to lose interest.
 * @throws {InfernetError} `aborted`
 */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  throwIfAborted(signal);
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(new InfernetError("aborted", "aborted by the caller", { cause: signal.reason }));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
