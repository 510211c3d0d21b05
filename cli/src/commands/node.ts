import type { Command } from "commander";
import type { z } from "zod";
import { createLogger, loadConfig, runDaemon, type Logger } from "@infernet/sdk/node";
import { announce } from "../process/announce.ts";
import { addSettings, settingsOf } from "./settings.ts";

/** A node that runs in this process. */
interface RunningNode {
  readonly ready: Promise<{ readonly peerId: string; readonly multiaddrs: readonly string[]; readonly node: number | null }>;
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** What a node package offers. */
interface NodeKind<S extends z.ZodObject> {
  readonly schema: S;
  readonly start: (config: z.output<S>, options: { log: Logger; signal: AbortSignal }) => Promise<RunningNode>;
}

interface NodeCommand<S extends z.ZodObject> {
  readonly name: "provider" | "aggregator";
  /** Loads the node only when it is started: it brings half of the network stack along. */
  readonly load: () => Promise<NodeKind<S>>;
  /** What each setting means. Every setting of the schema, held by a test. */
  readonly hints: Readonly<Record<string, string>>;
  readonly example: string;
}

/** Adds `start`: reads the settings, runs the node until it is interrupted, says on stdout when it is ready. */
export function addNodeCommand<S extends z.ZodObject>(parent: Command, { name, load, hints, example }: NodeCommand<S>): void {
  const command = parent.command("start").description(`run a ${name} until interrupted; prints one JSON line when it is at work`);
  addSettings(command, hints)
    .addHelpText("after", `\nSettings: flags win over environment variables, these over the file of --config.\n\nExample:\n  ${example}\n`)
    .action(async (flags: Record<string, unknown>) => {
      const { schema, start } = await load();
      const file = flags["config"] as string | undefined;
      const config = loadConfig(schema, { flags: settingsOf(flags, schema), env: process.env, ...(file === undefined ? {} : { file }) });
      const { logLevel, logFile } = config as { logLevel?: "info"; logFile?: string };
      const log = createLogger({ name, ...(logLevel && { level: logLevel }), ...(logFile !== undefined && { file: logFile }) });
      endWithParent();
      await runDaemon(
        async ({ signal, onShutdown }) => {
          const node = await start(config, { log, signal });
          onShutdown(name, () => node.stop());
          const ready = await node.ready;
          announce({ type: "ready", ...ready });
          process.stdout.write(`${JSON.stringify({ ready: true, ...ready })}\n`);
          await node.done;
        },
        { log },
      );
    });
}

/** A node that another process started by IPC ends in an orderly way when that process is gone. */
function endWithParent(): void {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}
