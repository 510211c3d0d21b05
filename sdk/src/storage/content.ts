import { CHUNK_BYTES, chunkSize, decodeFileRoot, InfernetError, MAX_DOCUMENT_BYTES, type BlockKind, type ContentKind, type Digest } from "../core/index.ts";
import { FETCH_DEFAULTS, type FetchOptions } from "./store.ts";

/** Blocks of one file that are asked for at a time: enough to fill a link, few enough for a peer's memory. */
export const PARALLEL_BLOCKS = 8;

/** Gets a block whose bytes match its digest. */
export type ReadBlock = (digest: Digest, kind: BlockKind) => Promise<Uint8Array>;

/**
 * A document, as the port promises it.
 * @throws {InfernetError} `content_too_large`, and what `read` throws
 */
export async function readDocument(digest: Digest, options: FetchOptions, read: ReadBlock): Promise<Uint8Array> {
  const bytes = await read(digest, "document");
  requireSize(`document ${digest}`, bytes.length, documentLimit(options));
  return bytes;
}

/** Most bytes that a document may have: documents are never larger than one block. */
export function documentLimit({ maxBytes = MAX_DOCUMENT_BYTES }: FetchOptions): number {
  return Math.min(maxBytes, MAX_DOCUMENT_BYTES);
}

/**
 * A file, as the port promises it. Its root states the size, and only the canonical layout is read:
 * what a fetch can cost is known before its first chunk is asked for, whatever a peer has made up.
 * @throws {InfernetError} `content_too_large`, `content_mismatch`, and what `read` throws
 */
export async function readFile(digest: Digest, { maxBytes = FETCH_DEFAULTS.maxBytes }: FetchOptions, read: ReadBlock): Promise<Uint8Array> {
  const { size, chunks } = decodeFileRoot(await read(digest, "file"));
  requireSize(`file ${digest}`, size, maxBytes);
  const file = new Uint8Array(size);
  await inParallel(chunks, async (chunk, i) => {
    const bytes = await read(chunk, "chunk");
    if (bytes.length !== chunkSize(size, i))
      throw new InfernetError("content_mismatch", `chunk ${i} of file ${digest} has ${bytes.length} bytes instead of ${chunkSize(size, i)}`);
    file.set(bytes, i * CHUNK_BYTES);
  });
  return file;
}

/**
 * Whether all blocks of some content are held.
 * @param get - a block that is held, checked against its digest
 * @param has - whether a chunk is held
 */
export async function isHeld(digest: Digest, kind: ContentKind, get: (digest: Digest, kind: ContentKind) => Promise<Uint8Array | undefined>, has: (chunk: Digest) => Promise<boolean>): Promise<boolean> {
  const root = await get(digest, kind);
  if (root === undefined || kind === "document") return root !== undefined;
  const chunks = fileChunks(root);
  if (chunks === undefined) return false;
  let all = true;
  await inParallel(chunks, async (chunk) => {
    all &&= await has(chunk);
  });
  return all;
}

/** Runs over a list, a bounded number of entries at a time. Rejects with the first failure. */
export async function inParallel<T>(entries: readonly T[], run: (entry: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < entries.length; i = next++) await run(entries[i]!, i);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_BLOCKS, entries.length) }, worker));
}

/** @throws {InfernetError} `content_too_large` */
export function requireSize(what: string, size: number, maxBytes: number): void {
  if (size > maxBytes) throw new InfernetError("content_too_large", `${what} has ${size} bytes, at most ${maxBytes} allowed`);
}

/** @throws {InfernetError} `document_too_large` */
export function requireDocumentSize(bytes: Uint8Array): void {
  if (bytes.length > MAX_DOCUMENT_BYTES)
    throw new InfernetError("document_too_large", `the document has ${bytes.length} bytes, at most ${MAX_DOCUMENT_BYTES} allowed`);
}

/** Digests of the chunks of a file; undefined when the block is the root of no file. */
function fileChunks(root: Uint8Array): readonly Digest[] | undefined {
  try {
    return decodeFileRoot(root).chunks;
  } catch {
    return undefined;
  }
}
