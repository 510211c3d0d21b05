import { setTimeout as delay } from "node:timers/promises";
import { InfernetError, isInfernetError, throwIfAborted } from "../core/index.ts";

/**
 * Waits.
 * @throws {InfernetError} `aborted` as soon as the signal fires
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw new InfernetError("aborted", "aborted while waiting", { cause });
  }
}

/** How often and how patiently something is tried. */
export interface RetryOptions {
  readonly signal?: AbortSignal;
  /** Most tries; default: no limit. */
  readonly attempts?: number;
  /** Pause after the first failure in milliseconds; doubles with each further one. */
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
  /** Told of each failure that will be tried again. */
  readonly onRetry?: (error: InfernetError, attempt: number, pauseMs: number) => void;
}

/**
 * Tries until it works, or fails with an error that is not retryable.
 * @throws the last error; `aborted` when the signal fires between two tries
 */
export async function retry<T>(run: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { signal, attempts = Infinity, firstPauseMs = 250, longestPauseMs = 10_000, onRetry } = options;
  for (let attempt = 1, pause = firstPauseMs; ; attempt++, pause = Math.min(2 * pause, longestPauseMs)) {
    throwIfAborted(signal);
    try {
      return await run(attempt);
    } catch (error) {
      if (attempt >= attempts || !isInfernetError(error) || !error.retryable) throw error;
      onRetry?.(error, attempt, pause);
      await sleep(pause, signal);
    }
  }
}

/**
 * Asks again and again until there is an answer.
 * @returns the first value that is not undefined
 * @throws {InfernetError} `aborted`, and whatever `ask` throws
 */
export async function poll<T>(ask: () => Promise<T | undefined>, intervalMs: number, signal?: AbortSignal): Promise<T> {
  for (;;) {
    throwIfAborted(signal);
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(intervalMs, signal);
  }
}
