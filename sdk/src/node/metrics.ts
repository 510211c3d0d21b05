import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { PortObserver } from "../chain/index.ts";

/** Seconds that the stages of work take: from a tiny shard on a warm module to an hour of inference. */
const STAGE_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** How many there are of each state. */
export type StateCounts = Readonly<Record<string, number>>;

/** Everything that a node counts, for Prometheus. The dashboard in docs/monitoring is held against these names. */
export class NodeMetrics {
  readonly registry = new Registry();
  readonly #gauge = (name: string, help: string, labelNames: string[] = []) => new Gauge({ name, help, labelNames, registers: [this.registry] });
  readonly #counter = (name: string, help: string, labelNames: string[] = []) => new Counter({ name, help, labelNames, registers: [this.registry] });

  readonly jobs = this.#gauge("infernet_jobs", "Jobs that this node has work in, by state", ["state"]);
  readonly shards = this.#gauge("infernet_shards", "Shards of these jobs that this node answers for, by state", ["state"]);
  readonly shardsEntered = this.#counter("infernet_shards_total", "Shards that have come to a state since the start of the process", ["state"]);
  readonly stageSeconds = new Histogram({ name: "infernet_stage_seconds", help: "Seconds that a stage of the work took", labelNames: ["stage"], buckets: STAGE_BUCKETS, registers: [this.registry] });
  readonly stageFailures = this.#counter("infernet_stage_failures_total", "Times that a stage of the work has failed", ["stage", "code"]);
  readonly cpuSeconds = this.#counter("infernet_execution_cpu_seconds_total", "CPU seconds that executed modules have used");
  readonly transactions = this.#counter("infernet_transactions_total", "Transactions by what became of them: sent, replaced, cancelled, confirmed, failed", ["event", "action"]);
  readonly rpcRequests = this.#counter("infernet_rpc_requests_total", "Calls to RPC endpoints by how they ended: answered, refused, or the code of an error", ["outcome"]);
  readonly stake = this.#gauge("infernet_stake_infer", "Stake behind this node in INFER, by what it is bound to", ["part"]);
  readonly earnings = this.#gauge("infernet_earnings", "Earnings that nobody has claimed yet, in whole tokens", ["token"]);
  readonly claimed = this.#gauge("infernet_claimed", "Earnings that have been paid out, in whole tokens", ["token"]);
  readonly coins = this.#gauge("infernet_operator_coins", "Native coins of the operator account, which pay for its transactions");
  readonly chainHeight = this.#gauge("infernet_chain_height", "Block up to which this node has followed the chain");
  readonly chainTime = this.#gauge("infernet_chain_time_seconds", "Chain time of the newest block that it has seen");
  readonly checks = this.#gauge("infernet_check", "Whether a check of /readyz passes", ["check"]);
  readonly draining = this.#gauge("infernet_draining", "Whether this node takes no new work");
  readonly diskFree = this.#gauge("infernet_disk_free_bytes", "Room on the disk of the data directory");

  /** @param role - provider or aggregator, on every sample */
  constructor(role: string) {
    this.registry.setDefaultLabels({ role });
  }

  /** Adds what Node.js says about the process; holds a timer that lasts as long as the process. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Counts what a port does. */
  readonly observer: PortObserver = {
    transaction: (event, action) => this.transactions.inc({ event, action }),
    rpc: (outcome) => this.rpcRequests.inc({ outcome }),
  };

  /** Measures a stage. Its failure is counted and passed on. */
  async time<T>(stage: string, run: () => Promise<T>): Promise<T> {
    const end = this.stageSeconds.startTimer({ stage });
    try {
      const value = await run();
      end();
      return value;
    } catch (error) {
      this.stageFailures.inc({ stage, code: (error as { code?: string }).code ?? "internal" });
      throw error;
    }
  }

  /** Replaces the counts of a gauge by state; states that are gone become 0, so that a graph shows their end. */
  setStates(gauge: "jobs" | "shards", counts: StateCounts): void {
    const known = this.#states[gauge];
    for (const state of Object.keys(counts)) known.add(state);
    for (const state of known) this[gauge].set({ state }, counts[state] ?? 0);
  }

  readonly #states = { jobs: new Set<string>(), shards: new Set<string>() };
}
