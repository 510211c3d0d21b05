import { existsSync } from "node:fs";
import type { Command } from "commander";
import { createLogger, loadConfig, runDaemon } from "@infernet/sdk/node";
import { defaultConfig, type NodeRole, type NodeSettings } from "../operator/role.ts";
import { announce } from "../process/announce.ts";
import { addSettings, settingsOf } from "./settings.ts";

/** Adds `start`: reads the settings, runs the node until it is interrupted, says on stdout when it is ready. */
export function addStartCommand(parent: Command, role: NodeRole): void {
  const { name, hints, example } = role;
  const command = parent.command("start").description(`run a ${name} until interrupted; prints one JSON line when it is at work`);
  addSettings(command, hints, defaultConfig(role))
    .addHelpText("after", `\nSettings: flags win over environment variables, these over the file of --config.\n\nExample:\n  ${example}\n`)
    .action(async (flags: Record<string, unknown>) => {
      const [schema, { start }] = await Promise.all([role.schema(), role.load()]);
      const file = (flags["config"] as string | undefined) ?? (existsSync(defaultConfig(role)) ? defaultConfig(role) : undefined);
      const config = loadConfig(schema, { flags: settingsOf(flags, schema), env: process.env, ...(file === undefined ? {} : { file }) });
      const { logLevel, logFile } = config as unknown as NodeSettings;
      const log = createLogger({ name, level: logLevel, ...(logFile !== undefined && { file: logFile }) });
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
