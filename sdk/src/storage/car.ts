import { CarBlockIterator } from "@ipld/car/iterator";
import { CarWriter } from "@ipld/car/writer";
import type { CID } from "multiformats/cid";
import { CHUNK_BYTES, chunkSize, decodeFileRoot, fromCid, InfernetError, isInfernetError, MAX_DOCUMENT_BYTES, sha256, toCid, type BlockKind, type ContentKind, type Digest } from "../core/index.ts";
import { Budget } from "./budget.ts";
import { documentLimit, requireSize, type ReadBlock } from "./content.ts";
import { FETCH_DEFAULTS, type ImportLimits, type NamedContent } from "./store.ts";

/** Most bytes of a header with one root, and of what stands before the bytes of a block: length and CID. */
const MAX_HEADER_BYTES = 128;
const MAX_PREFIX_BYTES = 64;

/**
 * Content as a CAR, version 1: its root first, then every chunk once. One block is held at a time.
 * @param read - gets a block; what it throws ends the stream
 */
export async function* writeCar(digest: Digest, kind: ContentKind, read: ReadBlock): AsyncGenerator<Uint8Array> {
  const root = await read(digest, kind);
  const chunks = kind === "file" ? new Set(decodeFileRoot(root).chunks) : [];
  const { writer, out } = CarWriter.create([toCid(digest, kind)]);
  const feed = async () => {
    try {
      await writer.put({ cid: toCid(digest, kind), bytes: root });
      for (const chunk of chunks) await writer.put({ cid: toCid(chunk, "chunk"), bytes: await read(chunk, "chunk") });
    } finally {
      await writer.close();
    }
  };
  const fed = feed().then(() => undefined, (reason: unknown) => ({ reason }));
  yield* out;
  const failed = await fed;
  if (failed !== undefined) throw failed.reason;
}

/**
 * Takes content from a CAR that anybody may have written: one document or one file, every block in it
 * checked against its digest, none but those that the root names, and none missing. How much is read
 * follows from the root: a stream without end is cut off as soon as it exceeds that.
 * @param store - keeps a block; the root comes last, so that what is here is here as a whole
 * @throws {InfernetError} `content_mismatch`, `content_too_large`, `content_timeout`, `aborted`, and what `store` throws
 */
export async function readCar(source: AsyncIterable<Uint8Array>, limits: ImportLimits, store: (digest: Digest, kind: BlockKind, bytes: Uint8Array) => Promise<void>): Promise<NamedContent> {
  const budget = new Budget(source, limits);
  budget.allow(MAX_HEADER_BYTES + MAX_PREFIX_BYTES + Math.max(MAX_DOCUMENT_BYTES, CHUNK_BYTES));
  try {
    const car = await CarBlockIterator.fromIterable(budget.read());
    const roots = await car.getRoots();
    if (car.version !== 1 || roots.length !== 1) throw new InfernetError("content_mismatch", `not a CAR of one document or file: version ${car.version}, ${roots.length} roots`);
    const named = contentOf(roots[0]!);
    const what = `${named.kind} ${named.digest}`;
    let root: Uint8Array | undefined;
    let missing = new Map<Digest, number>();
    for await (const { cid, bytes } of car) {
      const digest = sha256(bytes);
      if (root === undefined) {
        requireBlock(cid, named.kind, digest, named.digest);
        root = bytes;
        missing = chunksOf(named, bytes, limits);
        budget.allow(sum([...missing.values()]) + missing.size * MAX_PREFIX_BYTES, budget.consumed);
      } else {
        requireBlock(cid, "chunk", digest, digest);
        const size = missing.get(digest);
        if (size !== bytes.length) throw new InfernetError("content_mismatch", `the CAR of ${what} holds a block that does not belong there: ${digest}`);
        missing.delete(digest);
        await store(digest, "chunk", bytes);
      }
    }
    if (root === undefined || missing.size > 0) throw new InfernetError("content_mismatch", `the CAR of ${what} ends before all of it has come`);
    await store(named.digest, named.kind, root);
    return named;
  } catch (cause) {
    if (isInfernetError(cause)) throw cause;
    throw new InfernetError("content_mismatch", `not a CAR: ${(cause as Error).message}`, { cause });
  }
}

function contentOf(root: CID): NamedContent {
  for (const kind of ["document", "file"] as const) {
    try {
      return { digest: fromCid(root, kind), kind };
    } catch {
      // Perhaps it is the other kind.
    }
  }
  throw new InfernetError("content_mismatch", `the root of the CAR is neither a document nor a file: ${root.toString()}`);
}

/** Checks what a block is said to be against what it is and what it should be. */
function requireBlock(cid: CID, kind: BlockKind, actual: Digest, expected: Digest): void {
  if (!cid.equals(toCid(actual, kind)) || actual !== expected) throw new InfernetError("content_mismatch", `a block of the CAR is said to be ${cid.toString()}, its bytes are ${actual}, expected was the ${kind} ${expected}`);
}

/** Sizes of the chunks that a root names. */
function chunksOf({ kind, digest }: NamedContent, root: Uint8Array, limits: ImportLimits): Map<Digest, number> {
  if (kind === "document") {
    requireSize(`document ${digest}`, root.length, documentLimit(limits));
    return new Map();
  }
  const { size, chunks } = decodeFileRoot(root);
  requireSize(`file ${digest}`, size, limits.maxBytes ?? FETCH_DEFAULTS.maxBytes);
  const sizes = new Map<Digest, number>();
  for (const [i, chunk] of chunks.entries()) {
    if ((sizes.get(chunk) ?? chunkSize(size, i)) !== chunkSize(size, i)) throw new InfernetError("content_mismatch", `the root of file ${digest} gives one chunk two sizes`);
    sizes.set(chunk, chunkSize(size, i));
  }
  return sizes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
