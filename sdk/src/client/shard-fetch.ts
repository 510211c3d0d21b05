import { InfernetError, isInfernetError, throwIfAborted, type Digest, type Hex32 } from "../core/index.ts";
import { caseReplicas, shardItems, type Directory, type JobView } from "../chain/index.ts";
import { fetchBatchResult, fetchShardResult, intakeProtocol, type CheckedResult, type Direct } from "../net/index.ts";
import type { ContentStore } from "../storage/index.ts";

/** A replica that showed the agreed root. */
export interface Witness {
  /** Undefined when the directory does not know the member. */
  readonly node: number | undefined;
  readonly batch: number;
  readonly position: number;
  readonly dataDigest: Digest;
}

/** Where results come from. */
export interface ResultSources {
  readonly store: ContentStore;
  readonly direct: Direct | null;
  readonly directory: Directory;
  /** Most bytes of one result line, from the manifest. */
  readonly lineBytes: number;
  /** Milliseconds that one source is given. */
  readonly timeoutMs?: number;
}

const SOURCE_TIMEOUT_MS = 20_000;

/** Replicas that showed the agreed root of a shard; each of them serves the result. */
export function witnesses(view: JobView, shard: number, root: Hex32, directory: Pick<Directory, "nodeOf">): Witness[] {
  return caseReplicas(view, shard).flatMap(({ root: shown, member, batch, position, dataDigest, convicted }) =>
    shown !== root || member === null || dataDigest === null || convicted ? [] : [{ node: directory.nodeOf(view.terms.pool, member), batch, position, dataDigest }],
  );
}

/**
 * Fetches the agreed result of a shard: from the aggregator, which holds all of them, else from the
 * providers that showed it. Whoever sends it, it counts only if it leads to the root on chain.
 * @throws {InfernetError} `content_not_found` with what each source answered, `aborted`
 */
export async function fetchShard(view: JobView, shard: number, root: Hex32, sources: ResultSources, signal?: AbortSignal): Promise<CheckedResult> {
  const { store, direct, directory, lineBytes, timeoutMs = SOURCE_TIMEOUT_MS } = sources;
  const patience = { timeoutMs, ...(signal && { signal }) };
  const expected = { items: shardItems(view.terms, shard), lineBytes, root };
  const relay = view.aggregator === 0 ? [] : directory.multiaddrs(view.aggregator);
  const reasons: string[] = [];
  const attempt = async (name: string, fetch: () => Promise<CheckedResult | undefined>) => {
    try {
      return await fetch();
    } catch (error) {
      throwIfAborted(signal);
      if (!isInfernetError(error)) throw error;
      reasons.push(`${name}: ${error.message}`);
      return undefined;
    }
  };
  const merged = await attempt(`aggregator ${view.aggregator}`, async () => {
    if (direct === null || relay.length === 0) return undefined;
    const answer = await direct.call(directory.hostAddresses(view.aggregator), { ...intakeProtocol, timeoutMs }, { kind: "results", job: view.id }, signal === undefined ? {} : { signal });
    const found = answer.kind === "results" ? answer.shards.find((entry) => entry.shard === shard) : undefined;
    return found && fetchShardResult(store, found.file, expected, { from: [...answer.multiaddrs, ...relay], ...patience });
  });
  if (merged !== undefined) return merged;
  for (const { node, batch, dataDigest } of witnesses(view, shard, root, directory)) {
    const found = await attempt(`node ${node ?? "?"}`, async () => {
      const from = { from: [...(node === undefined ? [] : directory.multiaddrs(node)), ...relay], ...patience };
      const document = await fetchBatchResult(store, { job: view.id, batch, dataDigest }, from);
      const entry = document.results.find((result) => result.shard === shard);
      if (entry === undefined) throw new InfernetError("invalid_result", `its batch result does not name shard ${shard}`);
      return fetchShardResult(store, entry.file, expected, from);
    });
    if (found !== undefined) return found;
  }
  throw new InfernetError("content_not_found", `nobody sent the result of shard ${shard} (${reasons.join("; ") || "no source is known"})`);
}
