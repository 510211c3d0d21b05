import type { Logger, NodeMetrics } from "@infernet/sdk/node";
import type { Executor } from "./executor/index.ts";

/** The executor, with a line in the log for what each execution took: operators see what their work costs. */
export function metered(executor: Executor, log: Logger, metrics?: Pick<NodeMetrics, "cpuSeconds">): Executor {
  return {
    kind: executor.kind,
    ...(executor.itemByItem === undefined ? {} : { itemByItem: executor.itemByItem }),
    async execute(task, options) {
      const outcome = await executor.execute(task, options);
      metrics?.cpuSeconds.inc(outcome.cpuSeconds);
      log.info({ items: task.items, cpuSeconds: outcome.cpuSeconds, status: outcome.status, code: outcome.code, detail: outcome.detail }, "executed");
      return outcome;
    },
    ...(executor.hold && { hold: (digest: string) => executor.hold!(digest) }),
    close: () => executor.close(),
  };
}
