import type { Benchmark, Digest, Hardware, Hex32 } from "@infernet/sdk/core";
import type { SelfDescription } from "@infernet/sdk/net";

/** What a provider's announcement is made of. */
export interface DescriptionParts {
  readonly node: number;
  readonly pool: Hex32;
  readonly models: readonly Digest[];
  readonly executors: readonly string[];
  readonly draining: boolean;
  /** Seats at work, and how many may be. */
  readonly busy: number;
  readonly seats: number;
  readonly minUnitReward: bigint;
  readonly hardware: Hardware;
  readonly benchmarks: readonly Benchmark[];
}

/** What a provider says of itself. */
export function describeProvider({ node, pool, models, executors, draining, busy, seats, minUnitReward, hardware, benchmarks }: DescriptionParts): SelfDescription {
  return {
    node,
    role: "provider",
    status: draining ? "draining" : busy < seats ? "available" : "busy",
    load: { busy, seats },
    executors: [...executors],
    pools: [pool],
    models: [...models],
    price: { minUnitReward: String(minUnitReward) },
    hardware,
    benchmarks: [...benchmarks],
  };
}
