import { statfs } from "node:fs/promises";
import { z } from "zod";
import { integer, type ContentKind, type Digest } from "../core/index.ts";
import type { ChainStep, NodeEntry } from "../chain/index.ts";
import type { Logger } from "./log.ts";
import { NodeMetrics, type StateCounts } from "./metrics.ts";
import { MoneyGauges, type MoneyPort } from "./money-gauges.ts";
import { serveMonitor } from "./monitor-server.ts";
import { runChecks, type Check, type CheckResult, type Readiness } from "./readiness.ts";

/** Settings of a node's monitor, part of the settings of both daemons. */
export const monitorSettings = {
  /**
   * Port on loopback for /healthz, /readyz and /metrics; 0 = none. Off unless asked for: several nodes may share a
   * machine, and a port that nobody asked for is one more thing to close. `init` writes one into its settings.
   */
  metricsPort: integer(0, 65535).default(0),
  /** Room on the disk of the data directory below which the node counts as not ready. */
  minFreeMegabytes: integer(0, 2 ** 31).default(512),
};

/** What a monitor is told when the node's parts stand. */
export interface Watched {
  readonly port: MoneyPort;
  readonly store: { has(digest: Digest, kind: ContentKind): Promise<boolean>; addresses(): string[] };
  /** Null before it is registered. */
  readonly node: () => NodeEntry | null;
  readonly counts: () => { readonly jobs: StateCounts; readonly shards: StateCounts };
  readonly draining: () => boolean;
}

export interface MonitorOptions {
  readonly role: "provider" | "aggregator";
  readonly dataDir: string;
  readonly settings: z.output<z.ZodObject<typeof monitorSettings>>;
  readonly log: Logger;
}

/** Seconds without a step of the chain after which it counts as lost: several blocks of a slow chain. */
const CHAIN_SILENCE = 90;
const NOTHING: Digest = `0x${"00".repeat(32)}`;

/** Tells how a node does: to Prometheus, to whoever routes work to it, and to `doctor`. The same for both daemons. */
export class NodeMonitor {
  readonly metrics: NodeMetrics;
  readonly #options: MonitorOptions;
  #watched: Watched | undefined;
  #money: MoneyGauges | undefined;
  #step: { readonly live: boolean; readonly height: number; readonly seenAt: number } | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.metrics = new NodeMetrics(options.role);
  }

  /** Whether anybody may ask: what costs something is only counted then. */
  get enabled(): boolean {
    return this.#options.settings.metricsPort > 0;
  }

  /** From now on there is something to tell. */
  watch(watched: Watched): void {
    this.#watched = watched;
    this.#money = new MoneyGauges(this.metrics, watched.port, this.#options.log);
  }

  /** Takes in every step of the node's follower. */
  readonly apply = (step: ChainStep): void => {
    this.#step = { live: step.live, height: step.cursor.height, seenAt: performance.now() };
    this.metrics.chainHeight.set(step.cursor.height);
    this.metrics.chainTime.set(step.time);
    this.#money?.apply(step);
    const node = this.#watched?.node();
    if (this.enabled && step.live && node) void this.#money?.refresh(node.node);
  };

  /** Opens the port, if there is one. @throws {InfernetError} `config_invalid` */
  async serve(): Promise<AsyncDisposable> {
    if (!this.enabled) return { [Symbol.asyncDispose]: async () => {} };
    this.metrics.collectProcess();
    const server = await serveMonitor(this.#options.settings.metricsPort, { readiness: () => this.readiness(), metrics: () => this.page() });
    this.#options.log.info({ url: server.url }, "serving /healthz, /readyz and /metrics");
    return server;
  }

  /** Whether the node can do its work, and if not, what is missing. */
  async readiness(): Promise<Readiness> {
    const readiness = await runChecks(this.#checks());
    for (const [check, { ok }] of Object.entries(readiness.checks)) this.metrics.checks.set({ check }, ok ? 1 : 0);
    return readiness;
  }

  #checks(): Record<string, Check> {
    const watched = this.#watched;
    if (watched === undefined) return { start: () => ({ ok: false, detail: "the node is still starting" }) };
    return {
      chain: () => this.#chain(),
      store: async () => ({ ok: !(await watched.store.has(NOTHING, "document")), detail: "the content store answers" }),
      p2p: () => {
        const addresses = watched.store.addresses();
        return { ok: addresses.length > 0, detail: addresses.length > 0 ? `listens on ${addresses.join(", ")}` : "listens on no address" };
      },
      key: () => ({ ok: watched.port.account !== null, detail: `signs as ${watched.port.account ?? "nobody"}` }),
      registration: () => {
        const node = watched.node();
        return { ok: node !== null, detail: node === null ? `no node has ${watched.port.account} as its operator` : `node ${node.node}` };
      },
      disk: () => this.#disk(),
    };
  }

  #chain(): CheckResult {
    const step = this.#step;
    if (step === undefined) return { ok: false, detail: "nothing of the chain has been read yet" };
    const silence = Math.floor((performance.now() - step.seenAt) / 1000);
    if (silence >= CHAIN_SILENCE) return { ok: false, detail: `no new block since ${silence} s, the last one was ${step.height}` };
    return { ok: step.live, detail: step.live ? `followed to block ${step.height}` : `catching up, at block ${step.height}` };
  }

  async #disk(): Promise<CheckResult> {
    const { dataDir, settings } = this.#options;
    const { bavail, bsize } = await statfs(dataDir);
    const free = bavail * bsize;
    this.metrics.diskFree.set(free);
    const least = settings.minFreeMegabytes * 2 ** 20;
    return { ok: free >= least, detail: `${Math.floor(free / 2 ** 20)} MiB free, at least ${settings.minFreeMegabytes} needed` };
  }

  /** Everything that is counted, in the text format of Prometheus. */
  async page(): Promise<{ type: string; text: string }> {
    await this.readiness();
    const watched = this.#watched;
    if (watched !== undefined) {
      const { jobs, shards } = watched.counts();
      this.metrics.setStates("jobs", jobs);
      this.metrics.setStates("shards", shards);
      this.metrics.draining.set(watched.draining() ? 1 : 0);
    }
    return { type: this.metrics.registry.contentType, text: await this.metrics.registry.metrics() };
  }
}
