import { concat, equalBytes, fromHex, toHex } from "./bytes.ts";
import { sha256, toCid, type Digest } from "./digest.ts";
import { InfernetError } from "./errors.ts";
import { bytesField, numberField, readFields } from "./protobuf.ts";

/** Bytes of every chunk of a file but the last. */
export const CHUNK_BYTES = 1 << 20;
/** Most bytes of a file: 1024 chunks, so that the root links every chunk itself. */
export const MAX_FILE_BYTES = 1024 * CHUNK_BYTES;

/** A UnixFS file, cut into blocks. */
export interface FileBlocks {
  /** Digest of the root: the digest of the file. */
  readonly digest: Digest;
  /** The dag-pb root block. */
  readonly root: Uint8Array;
  /** The raw leaves, in order; views of the file. An empty file has none. */
  readonly chunks: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
}

/** What the root of a file says. */
export interface FileRoot {
  /** Bytes of the file. */
  readonly size: number;
  readonly chunks: readonly Digest[];
}

/**
 * Cuts a file into UnixFS blocks: CID version 1, raw leaves of 1 MiB, balanced layout, and a dag-pb
 * root even over a single chunk. One file has one digest; no store is needed to compute it.
 * @throws {InfernetError} `content_too_large` beyond {@link MAX_FILE_BYTES}
 */
export function fileBlocks(file: Uint8Array): FileBlocks {
  if (file.length > MAX_FILE_BYTES)
    throw new InfernetError("content_too_large", `the file has ${file.length} bytes, at most ${MAX_FILE_BYTES} allowed`);
  const chunks = Array.from({ length: chunkCount(file.length) }, (_, i) => {
    const bytes = file.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
    return { digest: sha256(bytes), bytes };
  });
  const root = encodeRoot({ size: file.length, chunks: chunks.map((chunk) => chunk.digest) });
  return { digest: sha256(root), root, chunks };
}

/** Digest of a file. */
export function fileDigest(file: Uint8Array): Digest {
  return fileBlocks(file).digest;
}

/**
 * Reads the root block of a file. Only the canonical layout is accepted, so the size that it states
 * bounds what a fetch can cost before anything is fetched.
 * @throws {InfernetError} `content_mismatch`
 */
export function decodeFileRoot(block: Uint8Array): FileRoot {
  try {
    const chunks: Digest[] = [];
    let size = -1;
    for (const { field, value } of readFields(block)) {
      if (typeof value === "number") throw new RangeError("unexpected number");
      if (field === 2) chunks.push(toHex((readFields(value)[0]!.value as Uint8Array).subarray(4)));
      else size = readFields(value).find((entry) => entry.field === 3)?.value as number;
    }
    const root = { size, chunks };
    if (chunks.length === chunkCount(size) && equalBytes(encodeRoot(root), block)) return root;
  } catch (cause) {
    throw new InfernetError("content_mismatch", "not the root of a file", { cause });
  }
  throw new InfernetError("content_mismatch", "not the root of a file in the network's layout");
}

/** Bytes of the chunk at `index` of a file of `size` bytes. */
export function chunkSize(size: number, index: number): number {
  return Math.min(CHUNK_BYTES, size - index * CHUNK_BYTES);
}

function chunkCount(size: number): number {
  return Math.ceil(size / CHUNK_BYTES);
}

/** dag-pb node {Links: 2, Data: 1} over UnixFS {Type: 1, filesize: 3, blocksizes: 4}, links first. */
function encodeRoot({ size, chunks }: FileRoot): Uint8Array {
  const FILE = 2;
  const sizes = chunks.map((_, i) => chunkSize(size, i));
  const links = chunks.map((digest, i) => {
    const link = [bytesField(1, cidBytes(digest)), bytesField(2, new Uint8Array(0)), numberField(3, sizes[i]!)];
    return bytesField(2, concat(link));
  });
  const unixfs = [numberField(1, FILE), numberField(3, size), ...sizes.map((bytes) => numberField(4, bytes))];
  return concat([...links, bytesField(1, concat(unixfs))]);
}

/** The CID of a chunk in bytes: version 1, raw, sha2-256, 32 bytes. */
function cidBytes(digest: Digest): Uint8Array {
  return concat([CHUNK_CID_PREFIX, fromHex(digest)]);
}

const CHUNK_CID_PREFIX = toCid(`0x${"00".repeat(32)}`, "chunk").bytes.slice(0, 4);
