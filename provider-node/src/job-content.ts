import { inputIndexDocument, InfernetError, isInfernetError, manifestDocument, NEWLINE, splitLines, type InputIndex, type Manifest, type ModuleManifest } from "@infernet/sdk/core";
import { shardItems, type JobTerms } from "@infernet/sdk/chain";
import type { ContentStore, FetchOptions } from "@infernet/sdk/storage";

/** Most bytes of what a stranger's job makes this node fetch. */
export interface ContentLimits {
  readonly moduleBytes: number;
  /** The module of a container, an image archive. */
  readonly imageBytes: number;
  readonly shardBytes: number;
}

/** Where the content of a job comes from. */
export type Sources = Pick<FetchOptions, "from" | "signal" | "timeoutMs">;

/** What a job wants done: its manifest and the list of its shards. */
export interface JobContent {
  readonly manifest: Manifest;
  readonly index: InputIndex;
}

/**
 * Fetches the manifest and the input index of a job and holds them against its terms.
 * @throws {InfernetError} `invalid_manifest` and other defects of the content, or a failed fetch
 */
export async function fetchJob(store: ContentStore, terms: JobTerms, sources: Sources): Promise<JobContent> {
  const manifest = manifestDocument.decode(await store.getDocument(terms.manifest, { ...sources, maxBytes: manifestDocument.maxBytes }));
  const index = inputIndexDocument.decode(await store.getDocument(manifest.inputs, { ...sources, maxBytes: inputIndexDocument.maxBytes }));
  if (index.items !== terms.items || index.itemsPerShard !== terms.itemsPerShard)
    throw new InfernetError("invalid_manifest", `the index has ${index.items} items in shards of ${index.itemsPerShard}, the terms say ${terms.items} in shards of ${terms.itemsPerShard}`);
  return { manifest, index };
}

/**
 * Fetches the module of a job.
 * @throws {InfernetError} `runtime_unavailable` for an image beyond this node's limit, which is no fault of the job; else as {@link fetchJob}
 */
export function fetchModule(store: ContentStore, { kind, module }: ModuleManifest, limits: ContentLimits, sources: Sources): Promise<Uint8Array> {
  if (kind === "wasm") return store.getFile(module, { ...sources, maxBytes: limits.moduleBytes });
  return store.getFile(module, { ...sources, maxBytes: limits.imageBytes }).catch((cause: unknown) => {
    if (!isInfernetError(cause, "content_too_large")) throw cause;
    throw new InfernetError("runtime_unavailable", `the image archive has more than the ${limits.imageBytes} bytes that this node allows`, { cause });
  });
}

/**
 * Fetches one shard's input.
 * @returns its item lines, without newlines
 * @throws {InfernetError} `invalid_input` when it does not hold as many items as it must; else as {@link fetchJob}
 */
export async function fetchShard(store: ContentStore, terms: JobTerms, index: InputIndex, shard: number, limits: ContentLimits, sources: Sources): Promise<Uint8Array[]> {
  const items = shardItems(terms, shard);
  const file = await store.getFile(index.shards[shard]!, { ...sources, maxBytes: limits.shardBytes });
  if (file.at(-1) !== NEWLINE) throw new InfernetError("invalid_input", `shard ${shard} does not end with a newline`);
  const lines = splitLines(file, { maxLines: items, maxLineBytes: limits.shardBytes });
  if (lines.length !== items) throw new InfernetError("invalid_input", `shard ${shard} holds ${lines.length} items, not ${items}`);
  return lines;
}
