import { join, resolve } from "node:path";
import { Option, type Command } from "commander";
import { InfernetError } from "@infernet/sdk/core";
import { requireStrongPassword } from "@infernet/sdk/node";
import { addConnectionOptions, resolveNetwork, type ConnectionFlags } from "../job/connection.ts";
import { initNode } from "../operator/init.ts";
import { defaultDirectory, type NodeRole } from "../operator/role.ts";
import { listenForInterrupt } from "../process/interrupt.ts";
import { commandOutput, integerOption } from "./options.ts";

interface InitFlags extends ConnectionFlags {
  readonly dir: string;
  readonly p2pPort: number;
  readonly metricsPort: number;
  readonly announce?: string[];
  readonly passwordFile?: string;
  readonly askPassword?: true;
  readonly importKey?: string;
  readonly workload?: "minilm" | "digits";
  readonly pool?: string;
  readonly modelsDir?: string;
}

/** Adds `init`: makes a node's directory. */
export function addInitCommand(parent: Command, role: NodeRole): void {
  const command = addConnectionOptions(parent.command("init").description(`make a ${role.name}'s directory: an encrypted operator key and settings with comments`))
    .addOption(new Option("--dir <directory>", "where").default(defaultDirectory(role), `~/.infernet/${role.name}`))
    .option("--p2p-port <port>", "port that peers reach it at", integerOption(1, 65535), role.ports.p2p)
    .option("--metrics-port <port>", "port on loopback for health and metrics, 0 = none", integerOption(0, 65535), role.ports.metrics)
    .option("--announce <multiaddr...>", "addresses to publish, for a node behind a router")
    .addOption(new Option("--password-file <file>", "file with the password of the new key; default: a random one beside it").conflicts("askPassword"))
    .option("--ask-password", "ask for it, and store it nowhere: the daemon gets it as INFERNET_PASSWORD")
    .option("--import-key <file>", "file with an operator key in hex, instead of a new one");
  if (role.name === "provider")
    command
      .addOption(new Option("--workload <name>", "serve the pool of a workload that ships with Infernet, and install its model").choices(["minilm", "digits"]))
      .option("--pool <id>", "or the pool with this id")
      .option("--models-dir <directory>", "directory with model files; default: models in the node's directory");
  command
    .addHelpText("after", `\nExamples:\n  infernet ${role.name} init${role.name === "provider" ? " --workload minilm" : ""}\n  infernet ${role.name} init --rpc https://rpc.example --deployment deployments/1.json${role.name === "provider" ? " --pool 0x…" : ""}\n`)
    .action(async (flags: InitFlags, self: Command) => {
      const output = commandOutput(self);
      const network = resolveNetwork(flags);
      const own = role.name === "provider" ? await providerSettings(flags, network.deployment.poolIds, output.progress) : {};
      const made = await initNode(role, {
        directory: flags.dir,
        rpcUrl: network.rpc,
        deploymentFile: network.deploymentFile,
        p2pPort: flags.p2pPort,
        metricsPort: flags.metricsPort,
        announce: flags.announce ?? [],
        passwordFile: flags.passwordFile,
        password: flags.askPassword ? await askPassword() : undefined,
        importKey: flags.importKey,
        own,
      });
      const next = [`send coins for gas to ${made.operator}`, `infernet ${role.name} doctor`, `infernet ${role.name} register --owner-keystore <file>`];
      output.answer(made, [`settings    ${made.config}`, `operator    ${made.operator}`, `keystore    ${made.keystore}`, ...(made.passwordFile === null ? [] : [`password    ${made.passwordFile}`]), "", "next:", ...next.map((line) => `  ${line}`)].join("\n"));
    });
}

async function providerSettings(flags: InitFlags, poolIds: Readonly<Record<string, string>>, progress: (line: string) => void): Promise<Record<string, unknown>> {
  const modelsDir = resolve(flags.modelsDir ?? join(flags.dir, "models"));
  if (flags.workload === undefined) {
    if (flags.pool === undefined) throw new InfernetError("invalid_argument", "which pool it serves must be said: --workload or --pool", { hint: `Pools of this network: ${Object.entries(poolIds).map(([name, id]) => `${name} ${id}`).join(", ") || "none is named in its deployment"}.` });
    return { pool: flags.pool, modelsDir };
  }
  const pool = flags.pool ?? poolIds[flags.workload];
  if (pool === undefined) throw new InfernetError("invalid_argument", `the deployment names no pool for ${flags.workload}; name it with --pool`);
  const interrupt = listenForInterrupt();
  try {
    const { installWorkload } = await import("../job/workload.ts");
    const installed = await installWorkload(flags.workload, modelsDir, progress, interrupt.signal);
    return { pool, modelsDir: installed.modelsDir, vettedModules: [installed.module] };
  } finally {
    interrupt.end();
  }
}

async function askPassword(): Promise<string> {
  const { password } = await import("@inquirer/prompts");
  const first = requireStrongPassword(await password({ message: "Password of the operator key", mask: true }, { output: process.stderr }));
  if ((await password({ message: "Again", mask: true }, { output: process.stderr })) !== first) throw new InfernetError("keystore_password", "the two passwords differ", { hint: "Type it again." });
  return first;
}
