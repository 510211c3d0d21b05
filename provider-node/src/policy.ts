import { InfernetError, type Digest, type Manifest, type ModuleManifest } from "@infernet/sdk/core";
import type { JobTerms } from "@infernet/sdk/chain";

/** Which jobs a provider works on. */
export interface Policy {
  /** Modules whose results do not depend on the other items of a shard; only these run whole shards in one go. */
  readonly vettedModules: ReadonlySet<Digest>;
  /** Whether other modules are run at all, item by item. */
  readonly unvetted: boolean;
  /** Most memory of a module, in pages of 64 KiB. */
  readonly maxMemoryPages: number;
  /** Largest time limit of a shard, in seconds. */
  readonly maxShardSeconds: number;
  /** Least that a compute unit must earn, in base units of the job's token. */
  readonly minUnitReward: bigint;
}

/**
 * Holds a job against the policy of this node, before anything of it runs.
 * @throws {InfernetError} `runtime_unavailable`, `execution_timeout`, `price_above_cap`: each one reason to decline
 */
export function checkPolicy(policy: Policy, terms: JobTerms, manifest: Manifest): void {
  const { limits } = manifest;
  if (manifest.kind !== "openai") checkModule(policy, manifest);
  if (limits.seconds > policy.maxShardSeconds)
    throw new InfernetError("execution_timeout", `a shard may take ${limits.seconds} s, this node allows ${policy.maxShardSeconds} s`);
  if (terms.shardReward < policy.minUnitReward * terms.unitsPerShard)
    throw new InfernetError("price_above_cap", `a compute unit earns less than ${policy.minUnitReward} base units`);
}

function checkModule(policy: Policy, { module, limits }: ModuleManifest): void {
  if (!policy.unvetted && !policy.vettedModules.has(module)) throw new InfernetError("runtime_unavailable", `the module ${module} is not vetted on this node`);
  if (limits.memoryPages > policy.maxMemoryPages)
    throw new InfernetError("runtime_unavailable", `the job wants ${limits.memoryPages} memory pages, this node gives ${policy.maxMemoryPages}`);
}
