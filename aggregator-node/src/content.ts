import { InfernetError, inputIndexDocument, manifestDocument, splitLines, type Digest } from "@infernet/sdk/core";
import { shardCount, shardItems, type JobTerms } from "@infernet/sdk/chain";
import type { ContentStore, FetchOptions } from "@infernet/sdk/storage";

/** Most bytes of what a stranger's job makes this node fetch and serve. */
export interface ContentLimits {
  readonly moduleBytes: number;
  readonly shardBytes: number;
  readonly inputBytes: number;
}

/** Everything that a job's manifest names. */
export interface JobContent {
  readonly manifest: Digest;
  readonly index: Digest;
  /** Its module, where it has one. */
  readonly module: Digest | null;
  readonly shards: readonly Digest[];
  /** Most bytes of one result line. */
  readonly lineBytes: number;
}

/** Where content comes from. */
export type Sources = Pick<FetchOptions, "from" | "signal" | "timeoutMs">;

const PARALLEL = 4;

/**
 * Fetches everything that a job names and holds it against the terms: a job that no provider could
 * serve is refused before the client pays for it.
 * @throws {InfernetError} `invalid_manifest`, `invalid_input`, `content_too_large`, or a failed fetch
 */
export async function fetchContent(store: ContentStore, terms: JobTerms, limits: ContentLimits, sources: Sources): Promise<JobContent> {
  const manifest = manifestDocument.decode(await store.getDocument(terms.manifest, { ...sources, maxBytes: manifestDocument.maxBytes }));
  const index = inputIndexDocument.decode(await store.getDocument(manifest.inputs, { ...sources, maxBytes: inputIndexDocument.maxBytes }));
  if (index.items !== terms.items || index.itemsPerShard !== terms.itemsPerShard)
    throw new InfernetError("invalid_manifest", `the index has ${index.items} items in shards of ${index.itemsPerShard}, the terms say ${terms.items} in shards of ${terms.itemsPerShard}`);
  const module = manifest.kind === "openai" ? null : manifest.module;
  if (module !== null) await store.getFile(module, { ...sources, maxBytes: limits.moduleBytes });
  let [next, left] = [0, limits.inputBytes];
  const worker = async () => {
    for (let shard = next++; shard < shardCount(terms); shard = next++) {
      const file = await store.getFile(index.shards[shard]!, { ...sources, maxBytes: Math.min(limits.shardBytes, left) });
      left -= file.length;
      if (left < 0) throw new InfernetError("content_too_large", `the inputs of the job exceed ${limits.inputBytes} bytes`);
      checkShard(file, shard, shardItems(terms, shard));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return { manifest: terms.manifest, index: manifest.inputs, module, shards: index.shards, lineBytes: manifest.limits.lineBytes };
}

function checkShard(file: Uint8Array, shard: number, items: number): void {
  let lines: Uint8Array[];
  try {
    lines = splitLines(file, { maxLines: items, maxLineBytes: file.length });
  } catch (cause) {
    throw new InfernetError("invalid_input", `shard ${shard}: ${(cause as Error).message}`, { cause });
  }
  if (lines.length !== items) throw new InfernetError("invalid_input", `shard ${shard} holds ${lines.length} items, not ${items}`);
}
