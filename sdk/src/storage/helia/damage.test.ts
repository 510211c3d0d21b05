import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FsBlockstore } from "blockstore-fs";
import { expect } from "chai";
import { CHUNK_BYTES, fileBlocks, sha256, toCid, utf8, type BlockKind, type Digest } from "../../core/index.ts";
import { refused, sampleBytes } from "../testing/samples.ts";
import type { ContentStore } from "../store.ts";
import { createHeliaStore } from "./index.ts";

describe("Helia store over damaged or hostile data", function () {
  this.timeout(30_000);
  let directory: string;
  const stores: ContentStore[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "infernet-damage-"));
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.stop()));
    await rm(directory, { recursive: true, force: true });
  });

  const open = async (name: string) => {
    const store = await createHeliaStore({ directory: join(directory, name) });
    stores.push(store);
    return store;
  };
  /** Puts any bytes on disk under a digest, matching or not. */
  const plant = async (name: string, digest: Digest, kind: BlockKind, bytes: Uint8Array) => {
    const blocks = new FsBlockstore(join(directory, name, "blocks"));
    await blocks.open();
    await blocks.put(toCid(digest, kind), bytes);
    await blocks.close();
  };

  it("throws away a damaged block and fetches it again", async () => {
    const file = sampleBytes("precious", CHUNK_BYTES + 1);
    const { digest, chunks } = fileBlocks(file);
    const provider = await open("provider");
    await provider.putFile(file);
    const before = await open("reader");
    await before.putFile(file);
    await before.stop();
    await plant("reader", chunks[1]!.digest, "chunk", Uint8Array.of(9));
    const reader = await open("reader");
    await refused(reader.getFile(digest, { timeoutMs: 60 }), "content_not_found");
    await reader.connect(provider.addresses());
    expect(sha256(await reader.getFile(digest))).to.equal(sha256(file));
  });

  it("repairs a damaged block when the content is put again", async () => {
    const digest = sha256(utf8("again"));
    await plant("one", digest, "document", utf8("damaged"));
    const store = await open("one");
    await store.putDocument(utf8("again"));
    expect(await store.getDocument(digest)).to.deep.equal(utf8("again"));
  });

  it("does not take a damaged block for the content", async () => {
    const digest = sha256(utf8("content"));
    await plant("one", digest, "document", utf8("other"));
    const store = await open("one");
    expect(await store.has(digest, "document")).to.equal(false);
  });

  it("ignores wrong bytes from a peer", async () => {
    const digest = sha256(utf8("content"));
    await plant("liar", digest, "document", utf8("other"));
    const [liar, reader] = await Promise.all([open("liar"), open("reader")]);
    await reader.connect(liar.addresses());
    await refused(reader.getDocument(digest, { timeoutMs: 200 }), "content_timeout");
  });

  it("refuses a root that lies about the size of its chunks", async () => {
    const { root, chunks } = fileBlocks(sampleBytes("short", 100));
    const longer = fileBlocks(sampleBytes("long", 101)).root;
    // The root of 101 bytes, linking the chunk of 100: well formed, and wrong.
    const at = Buffer.from(longer).indexOf(Buffer.from(fileBlocks(sampleBytes("long", 101)).chunks[0]!.digest.slice(2), "hex"));
    const lie = Uint8Array.from(longer);
    lie.set(Buffer.from(chunks[0]!.digest.slice(2), "hex"), at);
    expect(lie).to.not.deep.equal(root);
    await plant("liar", sha256(lie), "file", lie);
    await plant("liar", chunks[0]!.digest, "chunk", chunks[0]!.bytes);
    const [liar, reader] = await Promise.all([open("liar"), open("reader")]);
    await refused(reader.getFile(sha256(lie), { from: liar.addresses() }), "content_mismatch");
  });

  it("keeps its peer key to itself, and refuses one that is none", async () => {
    await open("one");
    expect((await stat(join(directory, "one", "peer.key"))).mode & 0o777).to.equal(0o600);
    await mkdir(join(directory, "bad"));
    await writeFile(join(directory, "bad", "peer.key"), "nonsense");
    await refused(createHeliaStore({ directory: join(directory, "bad") }), "store_failed");
    expect(await readFile(join(directory, "bad", "peer.key"), "utf8")).to.equal("nonsense");
  });

  it("refuses a directory or an address that it cannot use", async () => {
    await writeFile(join(directory, "file"), "");
    await refused(createHeliaStore({ directory: join(directory, "file") }), "store_failed");
    const taken = (await open("one")).addresses()[0]!.replace(/\/p2p\/.*/, "");
    await refused(createHeliaStore({ directory: join(directory, "two"), listen: [taken] }), "store_failed");
  });
});
