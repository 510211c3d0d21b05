import { batchResultDocument, InfernetError, parseShardResult, resultDigests, type BatchResult, type Digest, type Hex32 } from "../core/index.ts";
import type { ContentStore, FetchOptions } from "../storage/index.ts";

/** Where to fetch from, and how patiently. */
export type FetchFrom = Pick<FetchOptions, "from" | "timeoutMs" | "signal">;

/** A shard result that leads to the root that was shown for it. */
export interface CheckedResult {
  /** Digest of the file. */
  readonly file: Digest;
  readonly root: Hex32;
  /** Result lines without newline, in item order. */
  readonly lines: readonly Uint8Array[];
  readonly digests: readonly Digest[];
}

/**
 * Fetches what a committee member says about its results in a batch.
 * @param reveal - as it stands on chain
 * @throws {InfernetError} of the store; `invalid_document`; `invalid_result` when it is about something else
 */
export async function fetchBatchResult(store: ContentStore, reveal: { job: Hex32; batch: number; dataDigest: Digest }, from: FetchFrom): Promise<BatchResult> {
  const bytes = await store.getDocument(reveal.dataDigest, { ...from, maxBytes: batchResultDocument.maxBytes });
  const document = batchResultDocument.decode(bytes);
  if (document.job !== reveal.job || document.batch !== reveal.batch)
    throw new InfernetError("invalid_result", `the batch result ${reveal.dataDigest} is of batch ${document.batch} of job ${document.job}`);
  return document;
}

/**
 * Fetches a shard result and holds it against a root.
 * @param expected - items of the shard, the manifest's limit of a line, and the root on chain
 * @throws {InfernetError} of the store; `invalid_result`
 */
export async function fetchShardResult(store: ContentStore, file: Digest, expected: { items: number; lineBytes: number; root: Hex32 }, from: FetchFrom): Promise<CheckedResult> {
  const { items, lineBytes, root } = expected;
  const bytes = await store.getFile(file, { ...from, maxBytes: items * (lineBytes + 1) });
  const lines = parseShardResult(bytes, items, lineBytes);
  const shown = resultDigests(lines);
  if (shown.root !== root) throw new InfernetError("invalid_result", `the file ${file} leads to the root ${shown.root} instead of ${root}`);
  return { file, root, lines, digests: shown.digests };
}
