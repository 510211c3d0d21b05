import { availableParallelism, cpus, totalmem } from "node:os";
import type { SelfDescription } from "@infernet/sdk/net";
import type { AggregatorConfig } from "./config.ts";

/** What an aggregator says of itself. */
export function describeAggregator({ node, config, atWork, draining }: { readonly node: number; readonly config: AggregatorConfig; readonly atWork: number; readonly draining: boolean }): SelfDescription {
  const { parallelQuotes, pools, feeBps } = config;
  return {
    node,
    role: "aggregator",
    status: draining ? "draining" : atWork < parallelQuotes ? "available" : "busy",
    load: { busy: atWork, seats: parallelQuotes },
    executors: [],
    pools: [...pools],
    models: [],
    price: { feeBps },
    hardware: { cpu: { model: cpus()[0]?.model.trim().slice(0, 120) || "unknown", cores: availableParallelism() }, memoryMiB: Math.floor(totalmem() / (1 << 20)), gpus: [] },
    benchmarks: [],
  };
}
