import { InfernetError, throwIfAborted } from "../../core/index.ts";

const aborted = (signal: AbortSignal) => new InfernetError("aborted", "aborted while waiting", { cause: signal.reason });

/**
 * Waits.
 * @throws {InfernetError} `aborted` as soon as the signal fires
 */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(aborted(signal!));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * What the promise becomes; the promise itself goes on when the signal fires first.
 * @throws {InfernetError} `aborted`
 */
export async function abortable<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  throwIfAborted(signal);
  const { promise: cancelled, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(aborted(signal));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, cancelled]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Tells of trouble that passes; a pino logger fits. */
export interface PortLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const SILENT: PortLogger = { debug() {}, info() {}, warn() {} };

/** How often and how patiently a call to a chain is tried again. Times in milliseconds. */
export interface Patience {
  readonly attempts?: number;
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
  readonly signal?: AbortSignal;
  readonly onRetry?: (error: InfernetError) => void;
}

/** Tries until it works, or fails with an error that is not retryable. @throws the last error */
export async function persist<T>(run: () => Promise<T>, { attempts = Infinity, firstPauseMs = 200, longestPauseMs = 5000, signal, onRetry }: Patience = {}): Promise<T> {
  for (let attempt = 1, ms = firstPauseMs; ; attempt++, ms = Math.min(2 * ms, longestPauseMs)) {
    throwIfAborted(signal);
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof InfernetError) || !error.retryable || attempt >= attempts) throw error;
      onRetry?.(error);
      await pause(ms, signal);
    }
  }
}
