/** The published files from the model hub, by revision. */
import { createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HUB, SOURCE_FILES } from "./pinned.ts";
import { checkSource, type FetchContext, type SourceFile, type Sources } from "./sources.ts";

const CONNECT_MS = 5_000;
const STALL_MS = 30_000;

/** Aborts `stop` unless it is touched again in time. */
function watchdog(stop: AbortController): { touch(milliseconds: number): void; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    touch(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(new Error(`no data for ${milliseconds / 1000} seconds`)), milliseconds);
    },
    end: () => clearTimeout(timer),
  };
}

async function download(file: SourceFile, path: string, have: number, { onProgress, signal }: FetchContext): Promise<void> {
  const base = process.env.HF_ENDPOINT ?? "https://huggingface.co";
  const stop = new AbortController();
  const watch = watchdog(stop);
  try {
    watch.touch(CONNECT_MS);
    const response = await fetch(`${base}/${HUB.repository}/resolve/${HUB.revision}/${file.name}`, {
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
      signal: AbortSignal.any(signal ? [stop.signal, signal] : [stop.signal]),
    });
    if (!response.ok || response.body === null) throw new Error(`${file.name}: HTTP status ${response.status}`);
    const continued = response.status === 206;
    let seen = continued ? have : 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        watch.touch(STALL_MS);
        const before = Math.floor((seen / file.bytes) * 10);
        seen += chunk.length;
        if (Math.floor((seen / file.bytes) * 10) > before)
          onProgress(`${file.name}: ${(seen / 1e6).toFixed(1)} of ${(file.bytes / 1e6).toFixed(1)} MB`);
        if (seen > file.bytes) done(new Error(`${file.name} is larger than ${file.bytes} bytes`));
        else done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body as never), meter, createWriteStream(path, { flags: continued ? "a" : "w" }));
  } finally {
    watch.end();
  }
}

/** Downloads one file, continuing where an earlier attempt stopped. */
async function fetchFile(file: SourceFile, context: FetchContext): Promise<Uint8Array> {
  const path = join(context.folder, `${file.sha256}.part`);
  const have = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (have < file.bytes) await download(file, path, have, context);
  return checkSource(await readFile(path), file, path);
}

/** @throws Error when the hub does not answer in time or serves something else */
export async function fromHub(context: FetchContext): Promise<Sources> {
  const vocabulary = await fetchFile(SOURCE_FILES.vocabulary, context);
  const weights = await fetchFile(SOURCE_FILES.weights, context);
  return { weights, vocabulary: Buffer.from(vocabulary).toString("utf8") };
}
