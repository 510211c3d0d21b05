import { fromUtf8, InfernetError, joinLines, sha256, splitLines, utf8 } from "@infernet/sdk/core";
import { runShard } from "./run-shard.ts";
import type { Conduct } from "./seat-runner.ts";
import type { Compute } from "./work.ts";

/** Ways to misbehave on purpose: `lie` changes results, `silent` commits and never reveals. */
export type Misbehaviour = "lie" | "silent";

/** Anvil and Hardhat: nothing there is worth anything. */
const DEVELOPMENT_CHAIN = "31337";

/**
 * Refuses to misbehave anywhere but on a development chain, where demonstrations and tests need it.
 * @throws {InfernetError} `config_invalid`
 */
export function requireDevelopmentChain(chainId: string): void {
  if (chainId !== DEVELOPMENT_CHAIN)
    throw new InfernetError("config_invalid", `misbehave is for the development chain ${DEVELOPMENT_CHAIN} only, not for chain ${chainId}`);
}

/**
 * Computes honestly, then changes about a quarter of the results of whole shards, at least one:
 * always the same ones for the same seed, job and shard. Says the truth on panels about single items.
 */
export function lyingCompute(seed: string): Compute {
  return async (seat, shard, run, signal) => {
    const output = await runShard(run, signal);
    if (seat.kind === "item-panel") return output;
    const lines = splitLines(output, { maxLines: run.lines.length, maxLineBytes: run.limits.lineBytes });
    const draw = (item: number) => Number(BigInt(sha256(utf8(`${seed}:${seat.job.id}:${shard}:${item}`))) & 3n);
    const chosen = lines.map((_, item) => draw(item) === 0);
    if (!chosen.includes(true)) chosen[draw(-1) % lines.length] = true;
    return joinLines(lines.map((line, item) => (chosen[item] ? falsify(line) : line)));
  };
}

/** Commits like everybody else and never opens the commitment. */
export const silentConduct: Conduct = (decision, facts) => {
  if (decision.do !== "reveal") return decision;
  return facts.committed ? { do: "wait" } : { do: "commit" };
};

/** Another result of the same form: the first digit or letter inside it is another one. */
function falsify(line: Uint8Array): Uint8Array {
  const value = JSON.parse(fromUtf8(line)) as unknown;
  let changed = false;
  const alter = (part: unknown): unknown => {
    if (changed) return part;
    if (typeof part === "number") return (changed = true), part + 1;
    if (typeof part === "string" && part !== "") return (changed = true), (part.startsWith("A") ? "B" : "A") + part.slice(1);
    if (Array.isArray(part)) return part.map(alter);
    if (typeof part === "object" && part !== null) return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, alter(inner)]));
    return part;
  };
  const other = alter(value);
  return utf8(JSON.stringify(changed ? other : { lie: other }));
}
