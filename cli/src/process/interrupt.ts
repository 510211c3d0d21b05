import { InfernetError } from "@infernet/sdk/core";

/** One key press may arrive twice: from the terminal and from npm. */
const SAME_PRESS_MS = 400;
const INTERRUPTED = 130;

/** How a command learns that it should stop. */
export interface Interrupt {
  /** Fires at the first SIGINT, SIGTERM or SIGHUP, or when the process that started this one is gone. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  end(): void;
}

/** Set for processes that shall outlive the one that starts them. */
export const DETACHED_ENV = "INFERNET_DETACHED";

/**
 * Listens for the wish to stop. The first signal aborts, so that a command can tidy up; the second
 * one ends the process at once, after `atOnce` has ended what must not be left behind.
 * @param atOnce - kills child processes; must not wait
 */
export function listenForInterrupt(atOnce: () => void = () => undefined): Interrupt {
  const controller = new AbortController();
  let first = 0;
  const stop = (name: string) => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      first = now;
      controller.abort(new InfernetError("aborted", `stopped by ${name}`));
    } else if (now - first > SAME_PRESS_MS) {
      atOnce();
      process.exit(INTERRUPTED);
    }
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, stop);
  const orphaned = () => stop("the end of the process that started this one");
  if (process.env[DETACHED_ENV] === undefined) process.on("disconnect", orphaned);
  // Listening must not keep this process alive.
  process.channel?.unref();
  return {
    signal: controller.signal,
    end() {
      for (const name of names) process.off(name, stop);
      process.off("disconnect", orphaned);
    },
  };
}
