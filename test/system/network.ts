import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { planNodes, startNodes, type DemoNode, type PlannedNode } from "../../cli/src/demo/nodes.ts";
import type { BootstrapPeer } from "../../cli/src/demo/bootstrap-peer.ts";
import type { DemoOptions } from "../../cli/src/demo/options.ts";
import { devnetInfoSchema, type DevnetInfo } from "../../cli/src/devnet/directory.ts";
import { installWorkload, type InstalledWorkload } from "../../cli/src/job/workload.ts";
import { Children, type Child } from "../../cli/src/process/children.ts";
import { SELF } from "../../cli/src/process/root.ts";

const READY_MS = 240_000;
const readySchema = z.object({ type: z.literal("ready"), node: z.number() });
const never = new AbortController().signal;

/** A development network with an aggregator and honest providers, each a process that a test may kill. */
export class TestNetwork {
  readonly children = new Children();
  readonly directory: string;
  devnet!: DevnetInfo;
  nodes: DemoNode[] = [];
  #workload!: InstalledWorkload;
  readonly #options: DemoOptions;

  constructor(directory: string, providers: number) {
    this.directory = directory;
    this.#options = { workload: "digits", items: 0, providers, liars: 0, silent: 0, replicas: 2, shardSize: 6, directory, keep: false };
  }

  /** The chain, with everything deployed and funded, and the models. */
  async openChain(): Promise<void> {
    mkdirSync(this.directory, { recursive: true });
    const args = ["devnet", "up", "--foreground", "--dir", join(this.directory, "chain"), "--port", "0", "--block-time", "0.5", "--providers", String(this.#options.providers)];
    const devnet = this.#start("devnet", args);
    this.#workload = await installWorkload("digits", join(this.directory, "models"), () => undefined, never);
    this.devnet = await devnet.message((message) => devnetInfoSchema.safeParse(message).data, { timeoutMs: 120_000 });
  }

  async open(): Promise<void> {
    await this.openChain();
    this.nodes = await startNodes(this.children, this.devnet, this.#workload, this.#options, never);
  }

  /**
   * The nodes of an open chain, for those who start them in their own way.
   * @param rpcUrl - endpoints, if not the chain's own
   * @param first - see `planNodes`
   */
  plan(rpcUrl = this.devnet.rpcUrl, first?: BootstrapPeer): PlannedNode[] {
    return planNodes({ ...this.devnet, rpcUrl }, this.#workload, this.#options, first);
  }

  /** Kills a node as the out-of-memory killer does, and starts it again with the same settings. */
  async restart(name: string): Promise<void> {
    const at = this.nodes.findIndex((node) => node.child.name === name);
    const { child } = this.nodes[at]!;
    child.kill("SIGKILL");
    await child.ended;
    const { child: again } = await this.startNode(name, name === "aggregator" ? "aggregator" : "provider", join(this.directory, `${name}.json`));
    this.nodes[at] = { ...this.nodes[at]!, child: again };
  }

  /** Starts a node that has its settings, and waits until it is ready. */
  async startNode(name: string, role: "provider" | "aggregator", config: string): Promise<{ child: Child; node: number }> {
    const child = this.#start(name, [role, "start", "--config", config]);
    const { node } = await child.message((message) => readySchema.safeParse(message).data, { timeoutMs: READY_MS });
    return { child, node };
  }

  /** Arguments of `job run` on this network. Windows in seconds. */
  jobArguments(input: string, output: string, windows = { commit: 60, reveal: 30 }): string[] {
    return [
      "job", "run", "--devnet", join(this.directory, "chain"), "--data-dir", join(this.directory, "client"), "--workload", "digits", "--input", input, "--shard-size", "6",
      "--commit-window", String(windows.commit), "--reveal-window", String(windows.reveal), "--output", output, "--report", `${output}.report`,
    ];
  }

  async close(): Promise<void> {
    await this.children.stop();
  }

  #start(name: string, args: readonly string[]): Child {
    return this.children.start({ name, command: process.execPath, args: [...SELF, ...args], logFile: join(this.directory, "logs", `${name}.out`) });
  }
}
