import { InfernetError, isInfernetError, throwIfAborted } from "../core/index.ts";
import { FETCH_DEFAULTS, type FetchOptions } from "./store.ts";

/** First and longest pause between two rounds of repair. */
const FIRST_NUDGE_MS = 500;
const LAST_NUDGE_MS = 4000;

/** What a fetch needs to know about its store. */
export interface ScopeContext {
  /** Fires when the store is stopped. */
  readonly closing: AbortSignal;
  /** Number of connected peers. */
  peers(): number | Promise<number>;
  /** Repairs lost wants and dials the named peers; called at growing intervals. */
  nudge(signal: AbortSignal): void;
}

/**
 * Runs a fetch within its time, and says in the network's own terms why it failed.
 * @param what - name of the content for messages
 */
export async function inFetchScope<T>(
  what: string,
  { signal: caller, timeoutMs = FETCH_DEFAULTS.timeoutMs }: FetchOptions,
  context: ScopeContext,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  throwIfAborted(caller);
  const timeout = new AbortController();
  const signal = AbortSignal.any([timeout.signal, context.closing, ...(caller ? [caller] : [])]);
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  let pause = FIRST_NUDGE_MS;
  const nudge = () => {
    context.nudge(signal);
    pause = Math.min(2 * pause, LAST_NUDGE_MS);
    nudger = setTimeout(nudge, pause);
  };
  let nudger = setTimeout(nudge, pause);
  try {
    return await run(signal);
  } catch (cause) {
    if (isInfernetError(cause)) throw cause;
    throwIfAborted(caller);
    if (context.closing.aborted) throw new InfernetError("store_closed", `the store was stopped while fetching ${what}`);
    if (!timeout.signal.aborted)
      throw new InfernetError("store_failed", `cannot fetch ${what}: ${(cause as Error).message}`, { cause });
    const peers = await context.peers();
    throw peers === 0
      ? new InfernetError("content_not_found", `${what} is not here, and no peer is connected`, { cause })
      : new InfernetError("content_timeout", `none of ${peers} connected peers sent ${what} within ${timeoutMs} ms`, { cause });
  } finally {
    clearTimeout(timer);
    clearTimeout(nudger);
  }
}
