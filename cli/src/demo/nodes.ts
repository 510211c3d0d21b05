import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { DevnetInfo } from "../devnet/directory.ts";
import { readDeployment } from "../devnet/directory.ts";
import type { Child, Children } from "../process/children.ts";
import { SELF } from "../process/root.ts";
import { bootstrapPeer, type BootstrapPeer } from "./bootstrap-peer.ts";
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

/** A node that has its settings and does not run yet. */
export interface PlannedNode extends Pick<DemoNode, "role" | "behaviour" | "logFile"> {
  readonly name: string;
  /** Arguments of `infernet` that start it. */
  readonly args: readonly string[];
}

const READY_MS = 120_000;
/** Wei of INFER behind each provider: enough for the locks of everything that the demo does. */
const STAKE = (20_000n * 10n ** 18n).toString();
const AGGREGATOR_STAKE = (1_000n * 10n ** 18n).toString();
/** Seats that one provider may hold at a time. */
const CAPACITY = 1_000;

/**
 * Writes the settings of an aggregator and the providers; each registers, stakes and joins by itself when it starts.
 * @param first - where the aggregator will be; then it is all that the providers are told, and the chain has only their ids
 */
export function planNodes(devnet: DevnetInfo, workload: InstalledWorkload, options: DemoOptions, first?: BootstrapPeer): PlannedNode[] {
  const pool = readDeployment(devnet.deployment).poolIds[options.workload];
  mkdirSync(options.directory, { recursive: true });
  const plan = (name: string, role: PlannedNode["role"], behaviour: PlannedNode["behaviour"], keys: string, own: Readonly<Record<string, unknown>>): PlannedNode => {
    const logFile = join(options.directory, "logs", `${name}.log`);
    const settings = {
      rpcUrl: devnet.rpcUrl,
      deployment: devnet.deployment,
      keyFile: join(devnet.keys, `${keys}.operator.key`),
      ownerKeyFile: join(devnet.keys, `${keys}.owner.key`),
      dataDir: join(options.directory, name),
      logFile,
      ...own,
    };
    const config = join(options.directory, `${name}.json`);
    writeFileSync(config, `${JSON.stringify(settings, null, 2)}\n`);
    return { name, role, behaviour, logFile, args: [role, "start", "--config", config] };
  };
  const provider = (index: number): PlannedNode => {
    const name = `provider-${index + 1}`;
    const misbehave = index < options.liars ? "lie" : index < options.liars + options.silent ? "silent" : undefined;
    return plan(name, "provider", misbehave === "lie" ? "lies" : (misbehave ?? "honest"), name, {
      pool,
      modelsDir: workload.modelsDir,
      vettedModules: [workload.module],
      stake: STAKE,
      capacity: CAPACITY,
      concurrency: 1,
      blockSeconds: 1,
      ...(first && { bootstrap: [first.multiaddr] }),
      ...(misbehave && { misbehave }),
    });
  };
  return [plan("aggregator", "aggregator", "honest", "aggregator-1", { stake: AGGREGATOR_STAKE, ...(first && { listen: [first.listen], relay: "server" }) }), ...Array.from({ length: options.providers }, (_, index) => provider(index))];
}

/** Starts the aggregator and the providers as processes of their own, and waits until each is registered and ready. */
export async function startNodes(children: Children, devnet: DevnetInfo, workload: InstalledWorkload, options: DemoOptions, signal: AbortSignal): Promise<DemoNode[]> {
  const first = await bootstrapPeer(join(options.directory, "aggregator"));
  return Promise.all(
    planNodes(devnet, workload, options, first).map(async ({ name, role, behaviour, args, logFile }) => {
      const child = children.start({ name, command: process.execPath, args: [...SELF, ...args], logFile: join(options.directory, "logs", `${name}.out`) });
      const { node } = await child.message((message) => readySchema.safeParse(message).data, { timeoutMs: READY_MS, signal });
      return { node, role, behaviour, child, logFile };
    }),
  );
}
