import { isInfernetError } from "../core/index.ts";
import type { Logger } from "./log.ts";

/** What a daemon's main function works with. */
export interface DaemonContext {
  /** Fires at the first SIGINT or SIGTERM, or when the daemon fails: finish what was begun, then return. */
  readonly signal: AbortSignal;
  /** Registers something to close at the end. Closed in reverse order, each whatever the others do. */
  onShutdown(name: string, close: () => void | Promise<void>): void;
}

/** How a daemon ends. */
export interface DaemonOptions {
  readonly log: Logger;
  /** Milliseconds that closing may take before the process exits all the same. */
  readonly shutdownTimeoutMs?: number;
}

const INTERRUPTED = 130;

/**
 * Runs a daemon and ends its process: 0 after an orderly end, 1 after an error, 130 at the second
 * signal. Journals make an abrupt end safe, so nothing is tried beyond closing what was opened.
 */
export async function runDaemon(main: (context: DaemonContext) => Promise<void>, { log, shutdownTimeoutMs = 10_000 }: DaemonOptions): Promise<never> {
  const controller = new AbortController();
  const closers: { name: string; close: () => void | Promise<void> }[] = [];
  let code = 0;
  const fail = (error: unknown) => {
    if (controller.signal.aborted && isInfernetError(error, "aborted")) return;
    log.fatal({ err: error }, "daemon failed");
    code = 1;
    controller.abort(error);
  };
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    log.info({ signal: name }, "shutting down; a second signal exits at once");
    controller.abort(name);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  // An error that nobody caught leaves unknown state behind: end, and start again from the journal.
  const crashed = Promise.withResolvers<void>();
  process.on("uncaughtException", (error) => {
    fail(error);
    crashed.resolve();
  });
  const context: DaemonContext = { signal: controller.signal, onShutdown: (name, close) => void closers.push({ name, close }) };
  await Promise.race([main(context).catch(fail), crashed.promise]);
  const overdue = setTimeout(() => {
    log.fatal({ shutdownTimeoutMs }, "shutdown takes too long");
    process.exit(1);
  }, shutdownTimeoutMs);
  for (const { name, close } of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      log.error({ err: error, part: name }, "cannot close");
      code = 1;
    }
  }
  clearTimeout(overdue);
  log.info({ code }, "stopped");
  process.exit(code);
}
