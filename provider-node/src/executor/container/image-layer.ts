import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract, pack, type Header, type Pack } from "tar-stream";
import { InfernetError } from "@infernet/sdk/core";

/** Most files of one image. */
const MAX_ENTRIES = 1_000_000;
const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

type Kept = Parameters<Pack["entry"]>[0];

/** What may still be unpacked of an image; shared by its layers. */
export interface UnpackBudget {
  bytes: number;
  entries: number;
}

/** What an image may unpack to. */
export function unpackBudget(bytes: number): UnpackBudget {
  return { bytes, entries: MAX_ENTRIES };
}

/** A layer as it was written anew. */
export interface Layer {
  readonly file: string;
  readonly bytes: number;
  /** sha256 of its tar. */
  readonly diffId: string;
  /** sha256 of the tar as it was in the archive. */
  readonly originalDiffId: string;
}

/**
 * Writes a layer anew: plain tar with plain files, folders and links. What an engine unpacks is then never what a
 * stranger's bytes might mean to its parser, but what this one has understood, and no larger than it looks.
 * @param source - the layer: tar, plain or compressed with gzip or zstd
 * @throws {InfernetError} `invalid_manifest`, `runtime_unavailable` beyond the budget
 */
export async function rewriteLayer(source: string, file: string, budget: UnpackBudget): Promise<Layer> {
  const original = createHash("sha256");
  const meter = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      original.update(chunk);
      budget.bytes -= chunk.length;
      if (budget.bytes < 0) done(new InfernetError("runtime_unavailable", "the image unpacks to more than this node allows"));
      else done(null, chunk);
    },
  });
  const [input, output] = [extract(), pack()];
  meter.once("error", (error) => input.destroy(error));
  const reading = decompressInto(source, meter).then(() => meter.pipe(input));
  const written = new Measure();
  const writing = pipeline(Readable.from(output), written, createWriteStream(file));
  writing.catch(() => {});
  try {
    await reading;
    for await (const entry of input) {
      if (--budget.entries < 0) throw new InfernetError("runtime_unavailable", `the image holds more than ${MAX_ENTRIES} files`);
      const header = cleanHeader(entry.header);
      if (header?.type === "file") await pipeline(entry, output.entry(header));
      else entry.resume();
      if (header !== undefined && header.type !== "file") output.entry(header);
    }
    output.finalize();
    await writing;
  } catch (cause) {
    for (const stream of [meter, input, output]) stream.destroy();
    await writing.catch(() => {});
    throw cause instanceof InfernetError ? cause : invalid(`a layer cannot be unpacked: ${(cause as Error).message}`);
  }
  return { file, bytes: written.bytes, diffId: `sha256:${written.hash.digest("hex")}`, originalDiffId: `sha256:${original.digest("hex")}` };
}

/** Counts and hashes what passes. */
class Measure extends Transform {
  readonly hash = createHash("sha256");
  bytes = 0;

  override _transform(chunk: Uint8Array, _encoding: string, done: (error: null, chunk: Uint8Array) => void): void {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    done(null, chunk);
  }
}

/** Sends a file through `meter`, decompressed where it is compressed; errors come out there. */
async function decompressInto(source: string, meter: Transform): Promise<void> {
  const handle = await open(source);
  const head = new Uint8Array(4);
  await handle.read(head, 0, 4, 0);
  const is = (magic: readonly number[]): boolean => magic.every((byte, i) => head[i] === byte);
  const stages = is(GZIP) ? [createGunzip()] : is(ZSTD) ? [createZstdDecompress()] : [];
  void pipeline([handle.createReadStream({ start: 0 }), ...stages, meter]).catch((error: Error) => meter.destroy(error));
}

/** What of an entry is kept; undefined for the root folder. @throws {InfernetError} `invalid_manifest` for what images need not hold */
function cleanHeader(header: Header): Kept | undefined {
  const { type, size, mode, uid, gid, mtime, linkname, pax } = header;
  const name = inside(header.name);
  if (name === "") return undefined;
  if (Object.keys(pax ?? {}).some((key) => key.startsWith("GNU.sparse"))) throw invalid(`the file ${name} is sparse`);
  // Nobody may take on the rights of a file's owner; the container could not, and this way nobody else can.
  const kept = { name, mode: mode & 0o1777, uid, gid, mtime: new Date(Math.max(0, mtime.getTime() || 0)) };
  switch (type) {
    case "file":
    case "contiguous-file":
      return { ...kept, type: "file", size };
    case "directory":
    case "fifo":
      return { ...kept, type };
    case "symlink":
      if (!linkname) throw invalid(`${name} is a link to nothing`);
      return { ...kept, type, linkname };
    case "link":
      return { ...kept, type, linkname: inside(linkname || "..") };
    default:
      throw invalid(`${name} is of a kind that images must not hold: ${type}`);
  }
}

/** A path below the root of the image. */
function inside(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || path.includes("\0")) throw invalid(`the path ${JSON.stringify(path)} leads out of the image`);
  return parts.join("/");
}

/** The error of an image that is not what images must be. */
export function invalid(message: string): InfernetError {
  return new InfernetError("invalid_manifest", `image archive: ${message}`, {
    hint: "Write the archive anew, for one platform: skopeo copy … oci-archive:image.tar, or podman save, or docker save.",
  });
}
