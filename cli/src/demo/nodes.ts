import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { DevnetInfo } from "../devnet/directory.ts";
import { readDeployment } from "../devnet/directory.ts";
import type { Child, Children } from "../process/children.ts";
import { SELF } from "../process/root.ts";
import type { DemoOptions } from "./options.ts";
import type { InstalledWorkload } from "../job/workload.ts";

/** What a node process says when it is registered, staked and at work. */
const readySchema = z.object({ type: z.literal("ready"), node: z.number().int().positive() });

export interface DemoNode {
  /** Id on chain. */
  readonly node: number;
  readonly role: "provider" | "aggregator";
  readonly behaviour: "honest" | "lies" | "silent";
  readonly child: Child;
  readonly logFile: string;
}

interface PlannedNode extends Pick<DemoNode, "role" | "behaviour"> {
  readonly name: string;
  readonly settings: { readonly logFile: string; readonly [setting: string]: unknown };
}

const READY_MS = 120_000;
/** Wei of INFER behind each provider: enough for the locks of everything that the demo does. */
const STAKE = (20_000n * 10n ** 18n).toString();
const AGGREGATOR_STAKE = (1_000n * 10n ** 18n).toString();
/** Seats that one provider may hold at a time. */
const CAPACITY = 1_000;

/** Starts the aggregator and the providers as processes of their own, and waits until each is registered and ready. */
export async function startNodes(children: Children, devnet: DevnetInfo, workload: InstalledWorkload, options: DemoOptions, signal: AbortSignal): Promise<DemoNode[]> {
  const deployment = readDeployment(devnet.deployment);
  const pool = deployment.poolIds[options.workload];
  const common = { rpcUrl: devnet.rpcUrl, deployment: devnet.deployment };
  const provider = (index: number): PlannedNode => {
    const name = `provider-${index + 1}`;
    const misbehave = index < options.liars ? "lie" : index < options.liars + options.silent ? "silent" : undefined;
    const settings = {
      ...common,
      keyFile: join(devnet.keys, `${name}.operator.key`),
      ownerKeyFile: join(devnet.keys, `${name}.owner.key`),
      dataDir: join(options.directory, name),
      pool,
      modelsDir: workload.modelsDir,
      vettedModules: [workload.module],
      stake: STAKE,
      capacity: CAPACITY,
      concurrency: 1,
      blockSeconds: 1,
      logFile: join(options.directory, "logs", `${name}.log`),
      ...(misbehave && { misbehave }),
    };
    return { name, role: "provider", behaviour: misbehave === "lie" ? "lies" : (misbehave ?? "honest"), settings };
  };
  const aggregator: PlannedNode = {
    name: "aggregator",
    role: "aggregator",
    behaviour: "honest",
    settings: {
      ...common,
      keyFile: join(devnet.keys, "aggregator-1.operator.key"),
      ownerKeyFile: join(devnet.keys, "aggregator-1.owner.key"),
      dataDir: join(options.directory, "aggregator"),
      stake: AGGREGATOR_STAKE,
      logFile: join(options.directory, "logs", "aggregator.log"),
    },
  };
  const planned = [aggregator, ...Array.from({ length: options.providers }, (_, index) => provider(index))];
  return Promise.all(
    planned.map(async ({ name, role, behaviour, settings }) => {
      const config = join(options.directory, `${name}.json`);
      mkdirSync(options.directory, { recursive: true });
      writeFileSync(config, `${JSON.stringify(settings, null, 2)}\n`);
      const child = children.start({
        name,
        command: process.execPath,
        args: [...SELF, role, "start", "--config", config],
        logFile: join(options.directory, "logs", `${name}.out`),
      });
      const { node } = await child.message((message) => readySchema.safeParse(message).data, { timeoutMs: READY_MS, signal });
      return { node, role, behaviour, child, logFile: settings.logFile };
    }),
  );
}
