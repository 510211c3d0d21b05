import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CHUNK_BYTES, fileDigest, MAX_DOCUMENT_BYTES, sha256, utf8, type ErrorCode } from "../core/index.ts";
import type { ContentStore } from "./store.ts";

/** Longer than anything here takes, so that a test fails by its own message and not by mocha's. */
const PATIENT = { timeoutMs: 20_000 };
const SOON = { timeoutMs: 60 };

/** Bytes that differ for each label. */
export function sampleBytes(label: string, length: number): Uint8Array {
  const seed = utf8(sha256(utf8(label)));
  return Uint8Array.from({ length }, (_, i) => seed[i % seed.length]! ^ (i * 167) ^ (i >> 8));
}

/** Expects a typed error. */
export async function refused(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error, "must be refused").to.have.property("code", code);
}

/**
 * What every ContentStore promises; run on each implementation.
 * @param open - opens a store over a directory, listening on loopback
 */
export function contentStoreCompliance(name: string, open: (directory: string) => Promise<ContentStore>): void {
  describe(`${name} as a content store`, function () {
    this.timeout(30_000);
    const directories: string[] = [];
    const stores: ContentStore[] = [];

    const directory = async () => {
      const path = await mkdtemp(join(tmpdir(), "infernet-store-"));
      directories.push(path);
      return path;
    };
    const store = async (at?: string) => {
      const opened = await open(at ?? (await directory()));
      stores.push(opened);
      return opened;
    };
    const pair = async () => {
      const [provider, reader] = await Promise.all([store(), store()]);
      await reader.connect(provider.addresses());
      return { provider, reader };
    };

    afterEach(async () => {
      await Promise.all(stores.splice(0).map((opened) => opened.stop()));
      await Promise.all(directories.splice(0).map((path) => rm(path, { recursive: true, force: true })));
    });

    it("gives back documents and files, named by their digest", async () => {
      const one = await store();
      const document = sampleBytes("document", 1000);
      expect(await one.putDocument(document)).to.equal(sha256(document));
      expect(await one.getDocument(sha256(document))).to.deep.equal(document);
      for (const size of [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1]) {
        const file = sampleBytes(`file ${size}`, size);
        expect(await one.putFile(file)).to.equal(fileDigest(file));
        expect(sha256(await one.getFile(fileDigest(file)))).to.equal(sha256(file));
        expect(await one.has(fileDigest(file), "file")).to.equal(true);
      }
      expect(await one.has(sha256(document), "document")).to.equal(true);
      expect(await one.has(sha256(utf8("other")), "document")).to.equal(false);
    });

    it("keeps its content and its peer id over a restart", async () => {
      const at = await directory();
      const before = await store(at);
      const digest = await before.putFile(utf8("kept"));
      await before.stop();
      const after = await store(at);
      expect(after.peerId).to.equal(before.peerId);
      expect(await after.getFile(digest)).to.deep.equal(utf8("kept"));
    });

    it("fetches from connected peers, and then holds the content itself", async () => {
      const { provider, reader } = await pair();
      const file = sampleBytes("shared", 2 * CHUNK_BYTES + 10);
      const digest = await provider.putFile(file);
      const document = await provider.putDocument(utf8("shared"));
      expect(sha256(await reader.getFile(digest, PATIENT))).to.equal(sha256(file));
      expect(await reader.getDocument(document, PATIENT)).to.deep.equal(utf8("shared"));
      await provider.stop();
      expect(await reader.has(digest, "file")).to.equal(true);
      expect(sha256(await reader.getFile(digest))).to.equal(sha256(file));
    });

    it("dials the peers that a fetch names", async () => {
      const [provider, reader] = await Promise.all([store(), store()]);
      const digest = await provider.putFile(utf8("named"));
      const unreachable = "/ip4/127.0.0.1/tcp/1";
      expect(await reader.getFile(digest, { ...PATIENT, from: [unreachable, ...provider.addresses()] })).to.deep.equal(utf8("named"));
    });

    it("passes content on: a reader serves what it has fetched", async () => {
      const { provider, reader } = await pair();
      const digest = await provider.putFile(utf8("passed on"));
      await reader.getFile(digest, PATIENT);
      await provider.stop();
      const third = await store();
      expect(await third.getFile(digest, { ...PATIENT, from: reader.addresses() })).to.deep.equal(utf8("passed on"));
    });

    it("waits for content that its peer does not have yet", async () => {
      const { provider, reader } = await pair();
      for (let round = 0; round < 5; round++) {
        const file = utf8(`later ${round}`);
        const fetched = reader.getFile(fileDigest(file), PATIENT);
        await reader.getDocument(await provider.putDocument(utf8(`barrier ${round}`)), PATIENT);
        await provider.putFile(file);
        expect(await fetched).to.deep.equal(file);
      }
    });

    it("waits for a peer that is not connected yet, whichever side connects", async () => {
      for (const outward of [true, false]) {
        const [provider, reader] = await Promise.all([store(), store()]);
        const digest = await provider.putFile(utf8("first the want"));
        const fetched = reader.getFile(digest, PATIENT);
        await (outward ? reader.connect(provider.addresses()) : provider.connect(reader.addresses()));
        expect(await fetched).to.deep.equal(utf8("first the want"));
      }
    });

    it("hands content that arrives by a put to those who wait for it here", async () => {
      const one = await store();
      const fetched = one.getFile(fileDigest(utf8("mine")), PATIENT);
      await one.putFile(utf8("mine"));
      expect(await fetched).to.deep.equal(utf8("mine"));
    });

    it("serves several fetches of one content, also when one of them is aborted or repeated", async () => {
      const { provider, reader } = await pair();
      const file = utf8("popular");
      const controller = new AbortController();
      const given = reader.getFile(fileDigest(file), { ...PATIENT, signal: controller.signal });
      const kept = [reader.getFile(fileDigest(file), PATIENT), reader.getFile(fileDigest(file), PATIENT)];
      controller.abort();
      await refused(given, "aborted");
      const again = reader.getFile(fileDigest(file), PATIENT);
      await provider.putFile(file);
      for (const bytes of await Promise.all([...kept, again])) expect(bytes).to.deep.equal(file);
    });

    it("takes up a want again that was given up a moment before", async () => {
      const { provider, reader } = await pair();
      const file = utf8("on second thought");
      const controller = new AbortController();
      const given = reader.getFile(fileDigest(file), { ...PATIENT, signal: controller.signal });
      controller.abort();
      await refused(given, "aborted");
      const again = reader.getFile(fileDigest(file), PATIENT);
      await provider.putFile(file);
      expect(await again).to.deep.equal(file);
    });

    it("feeds several readers at once", async () => {
      const provider = await store();
      const readers = await Promise.all([store(), store(), store()]);
      const file = sampleBytes("crowd", 300_000);
      const digest = await provider.putFile(file);
      const fetched = await Promise.all(readers.map((reader) => reader.getFile(digest, { ...PATIENT, from: provider.addresses() })));
      for (const bytes of fetched) expect(sha256(bytes)).to.equal(sha256(file));
    });

    it("says when content cannot be found, or does not come in time", async () => {
      const lonely = await store();
      await refused(lonely.getDocument(sha256(utf8("nowhere")), SOON), "content_not_found");
      await refused(lonely.getFile(sha256(utf8("nowhere")), { ...SOON, from: ["/ip4/127.0.0.1/tcp/1"] }), "content_not_found");
      const { reader } = await pair();
      await refused(reader.getFile(sha256(utf8("nowhere")), SOON), "content_timeout");
    });

    it("gives up at once when it is told to", async () => {
      const one = await store();
      await refused(one.getFile(sha256(utf8("x")), { signal: AbortSignal.abort() }), "aborted");
      const controller = new AbortController();
      const fetched = one.getDocument(sha256(utf8("x")), { ...PATIENT, signal: controller.signal });
      controller.abort();
      await refused(fetched, "aborted");
    });

    it("refuses content beyond the limit, before fetching its chunks", async () => {
      const { provider, reader } = await pair();
      const digest = await provider.putFile(sampleBytes("big", CHUNK_BYTES + 1));
      await refused(reader.getFile(digest, { ...PATIENT, maxBytes: CHUNK_BYTES }), "content_too_large");
      expect(await reader.has(digest, "file")).to.equal(false);
      const document = await provider.putDocument(sampleBytes("big document", 1001));
      await refused(reader.getDocument(document, { ...PATIENT, maxBytes: 1000 }), "content_too_large");
      await refused(provider.putDocument(new Uint8Array(MAX_DOCUMENT_BYTES + 1)), "document_too_large");
    });

    it("refuses a digest that names no file", async () => {
      const { provider, reader } = await pair();
      const digest = await provider.putDocument(utf8("not a file"));
      await refused(reader.getFile(digest, PATIENT), "content_mismatch");
      expect(await reader.has(digest, "file")).to.equal(false);
      await refused(reader.getFile("0x12", PATIENT), "invalid_digest");
    });

    it("says which peers it cannot connect to", async () => {
      const [one, other] = await Promise.all([store(), store()]);
      await refused(one.connect(["/ip4/127.0.0.1/tcp/1"]), "peer_unreachable");
      await refused(one.connect(["nonsense"]), "invalid_argument");
      await refused(one.connect(other.addresses(), { signal: AbortSignal.abort() }), "aborted");
      await one.connect([]);
      await one.connect(one.addresses());
      await one.connect(other.addresses());
      await one.connect(other.addresses());
    });

    it("keeps what is pinned over a garbage collection, and only that", async () => {
      const one = await store();
      const pinned = await one.putFile(sampleBytes("pinned", CHUNK_BYTES + 1));
      const document = await one.putDocument(Uint8Array.of(0xa0)); // {} in DAG-CBOR
      const loose = await one.putFile(utf8("loose"));
      await one.pin(pinned, "file");
      await one.pin(pinned, "file");
      await one.pin(document, "document");
      await one.collectGarbage();
      expect(await Promise.all([one.has(pinned, "file"), one.has(document, "document"), one.has(loose, "file")])).to.deep.equal([true, true, false]);
      await one.unpin(pinned, "file");
      await one.unpin(pinned, "file");
      await one.collectGarbage();
      expect(await Promise.all([one.has(pinned, "file"), one.has(document, "document")])).to.deep.equal([false, true]);
      await refused(one.pin(loose, "file"), "content_not_found");
    });

    it("ends its fetches when it is stopped, and refuses to be used then", async () => {
      const one = await store();
      const fetched = one.getFile(sha256(utf8("never")), PATIENT);
      await Promise.all([one.stop(), refused(fetched, "store_closed")]);
      await one.stop();
      await refused(one.getFile(sha256(utf8("x"))), "store_closed");
      await refused(one.putFile(utf8("x")), "store_closed");
      await refused(one.putDocument(utf8("x")), "store_closed");
      await refused(one.has(sha256(utf8("x")), "file"), "store_closed");
      await refused(one.connect([]), "store_closed");
    });
  });
}
