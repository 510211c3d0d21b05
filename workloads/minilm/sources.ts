/** What the model is fetched from, and how it is checked. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { SOURCE_FILES } from "./pinned.ts";

/** The two published files, already held against their digests. */
export interface Sources {
  readonly weights: Uint8Array;
  readonly vocabulary: string;
}

/** What a source is given. */
export interface FetchContext {
  /** Folder for partial downloads; kept between attempts. */
  readonly folder: string;
  readonly onProgress: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** A published file: its name, size and sha256. */
export type SourceFile = (typeof SOURCE_FILES)[keyof typeof SOURCE_FILES];

/** sha256 of a file, 64 hex digits. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/**
 * Returns `bytes` when they are the pinned file.
 *
 * @param downloaded - where they came from; removed when they are wrong, so that the next attempt starts afresh
 * @throws Error naming the file and the sha256 it should have
 */
export async function checkSource(bytes: Uint8Array, file: SourceFile, downloaded: string): Promise<Uint8Array> {
  if (bytes.length === file.bytes && createHash("sha256").update(bytes).digest("hex") === file.sha256) return bytes;
  await rm(downloaded, { force: true });
  throw new Error(`${file.name} does not have the pinned sha256 ${file.sha256}`);
}
