import type { Command } from "commander";
import { InfernetError } from "@infernet/sdk/core";
import { Drain } from "@infernet/sdk/node";
import { findDaemon } from "../operator/daemon.ts";
import { examine } from "../operator/doctor/doctor.ts";
import { findingsText, summaryOf } from "../operator/doctor/text.ts";
import { untilDrained } from "../operator/drained.ts";
import { defaultConfig, type NodeRole } from "../operator/role.ts";
import { installService, unitName, unitText } from "../operator/service.ts";
import { openHome, openReader, type NodeHome } from "../operator/session.ts";
import { readStatus } from "../operator/status.ts";
import { statusText } from "../operator/status-text.ts";
import { listenForInterrupt } from "../process/interrupt.ts";
import { hasColour, painter } from "../terminal/style.ts";
import { addInitCommand } from "./init.ts";
import { commandOutput } from "./options.ts";
import { addOwnerCommands } from "./owner.ts";

/** Flag of all commands that work on a node. */
export interface HomeFlags {
  readonly config?: string;
}

interface ServiceFlags extends HomeFlags {
  readonly user?: true;
  readonly runAs: string;
  readonly unitDir?: string;
  readonly print?: true;
  readonly force?: true;
}

/** Adds everything that the people behind a node do with it, from its making to its end. The same for both kinds. */
export function addOperatorCommands(parent: Command, role: NodeRole): void {
  addInitCommand(parent, role);

  addHomeOption(parent.command("doctor"), role)
    .description("look for everything that could keep the node from working, and name what to do about it")
    .addHelpText("after", "\nExit code 0: all is well, or could only be better; 4: something has failed.\n")
    .action((flags: HomeFlags, command: Command) =>
      interruptible(async (signal) => {
        const findings = await examine(role, flags.config, signal);
        const summary = summaryOf(findings);
        commandOutput(command).answer({ ok: summary.failed.length === 0, findings }, findingsText(findings, painter(hasColour(process.stdout))));
        if (summary.failed.length > 0) throw new InfernetError("not_ready", `failed: ${summary.failed.join(", ")}`);
      }),
    );

  addOwnerCommands(parent, role);

  addHomeOption(parent.command("status"), role)
    .description("say where the node stands: process, stake, slots, jobs, earnings, unbonding")
    .action((flags: HomeFlags, command: Command) =>
      withReader(role, flags, async (home, port, signal) => {
        const status = await readStatus(home, port, signal);
        commandOutput(command).answer(status, statusText(role, status));
      }),
    );

  addHomeOption(parent.command("drain"), role)
    .description("take no new work and finish what there is, over restarts, until `resume`")
    .option("--wait", "return when nothing is left to do")
    .addHelpText("after", `\nThe daemon does it, now or when it is started next. It has to run until it is drained: what it has committed to must be opened.\n`)
    .action((flags: HomeFlags & { wait?: true }, command: Command) =>
      withReader(role, flags, async (home, port, signal) => {
        const output = commandOutput(command);
        new Drain(home.settings.dataDir).set(true);
        const { running } = await findDaemon(home.settings);
        output.progress(running ? "the daemon takes no new work" : "noted; the daemon does not run, and begins when it is started");
        const drained = flags.wait === true ? await untilDrained(home, port, signal, output.progress) : (await readStatus(home, port, signal)).drained;
        output.answer({ draining: true, drained, running }, drained ? "drained: it may be stopped" : `draining; see: infernet ${role.name} status`);
      }),
    );

  addHomeOption(parent.command("resume"), role)
    .description("take new work again, after `drain`")
    .action(async (flags: HomeFlags, command: Command) => {
      const { settings } = await openHome(role, flags.config);
      new Drain(settings.dataDir).set(false);
      commandOutput(command).answer({ draining: false }, "takes new work again");
    });

  const service = parent.command("service").description("run the node as a service of systemd");
  addHomeOption(service.command("install"), role)
    .description("write a unit for systemd")
    .option("--user", "a service of this user instead of the machine")
    .option("--run-as <account>", "account that it runs as", process.env["SUDO_USER"] ?? process.env["USER"] ?? "root")
    .option("--unit-dir <directory>", "default: /etc/systemd/system, with --user ~/.config/systemd/user")
    .option("--print", "only show the unit")
    .option("--force", "replace a unit that is there")
    .action(async (flags: ServiceFlags, command: Command) => {
      const home = await openHome(role, flags.config);
      const options = { user: flags.user === true, runAs: flags.runAs, directory: flags.unitDir, force: flags.force === true };
      const output = commandOutput(command);
      if (flags.print) return output.answer({ unit: unitText(home, options) }, unitText(home, options));
      const file = installService(home, options);
      const systemctl = `systemctl${options.user ? " --user" : ""}`;
      output.answer({ file }, `wrote ${file}\nnext: ${systemctl} daemon-reload && ${systemctl} enable --now ${unitName(role.name)}`);
    });
}

/** Adds `--config`. */
export function addHomeOption(command: Command, role: NodeRole): Command {
  return command.option("--config <file>", "the node's settings", undefined).addHelpText("after", `\nWithout --config: ${defaultConfig(role)}\n`);
}

/** Runs something that a signal may end. */
export async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = listenForInterrupt();
  try {
    return await run(interrupt.signal);
  } finally {
    interrupt.end();
  }
}

async function withReader(role: NodeRole, flags: HomeFlags, run: (home: NodeHome, port: Awaited<ReturnType<typeof openReader>>, signal: AbortSignal) => Promise<void>): Promise<void> {
  await interruptible(async (signal) => {
    const home = await openHome(role, flags.config);
    const port = await openReader(home.settings);
    try {
      await run(home, port, signal);
    } finally {
      await port.close();
    }
  });
}
