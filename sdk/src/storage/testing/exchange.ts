import { expect } from "chai";
import { CHUNK_BYTES, fileDigest, MAX_DOCUMENT_BYTES, sha256, utf8 } from "../../core/index.ts";
import { PATIENT, refused, sampleBytes } from "./samples.ts";
import { testStores, type OpenStore } from "./stores.ts";

const FIFTY_MB = 50_000_000;

/**
 * What content stores promise each other, run on each pair of implementations.
 * @param openAtProvider - opens the store that has the content
 * @param openAtReader - opens the store that fetches it
 */
export function contentExchangeCompliance(name: string, openAtProvider: OpenStore, openAtReader: OpenStore): void {
  describe(name, function () {
    this.timeout(60_000);
    const stores = testStores();
    const openProvider = () => stores.open(openAtProvider);
    const openReader = () => stores.open(openAtReader);
    const pair = async () => {
      const [provider, reader] = await Promise.all([openProvider(), openReader()]);
      await reader.connect(provider.addresses());
      return { provider, reader };
    };

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
      const [provider, reader] = await Promise.all([openProvider(), openReader()]);
      const digest = await provider.putFile(utf8("named"));
      const unreachable = "/ip4/127.0.0.1/tcp/1";
      expect(await reader.getFile(digest, { ...PATIENT, from: [unreachable, ...provider.addresses()] })).to.deep.equal(utf8("named"));
    });

    it("passes content on: a reader serves what it has fetched", async () => {
      const { provider, reader } = await pair();
      const digest = await provider.putFile(utf8("passed on"));
      await reader.getFile(digest, PATIENT);
      await provider.stop();
      const third = await openProvider();
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
        const [provider, reader] = await Promise.all([openProvider(), openReader()]);
        const digest = await provider.putFile(utf8("first the want"));
        const fetched = reader.getFile(digest, PATIENT);
        await (outward ? reader.connect(provider.addresses()) : provider.connect(reader.addresses()));
        expect(await fetched).to.deep.equal(utf8("first the want"));
      }
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
      const provider = await openProvider();
      const readers = await Promise.all([openReader(), openReader(), openReader()]);
      const file = sampleBytes("crowd", 300_000);
      const digest = await provider.putFile(file);
      const fetched = await Promise.all(readers.map((reader) => reader.getFile(digest, { ...PATIENT, from: provider.addresses() })));
      for (const bytes of fetched) expect(sha256(bytes)).to.equal(sha256(file));
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

    it("carries a file of 50 MB without changing a byte", async () => {
      const { provider, reader } = await pair();
      const file = sampleBytes("fifty", FIFTY_MB);
      const digest = await provider.putFile(file);
      expect(digest).to.equal(fileDigest(file));
      expect(Buffer.compare(await reader.getFile(digest, { timeoutMs: 50_000 }), file)).to.equal(0);
    });
  });
}
