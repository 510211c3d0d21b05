import { expect } from "chai";
import { CHUNK_BYTES, sha256, utf8 } from "../../core/index.ts";
import { PATIENT, refused, sampleBytes } from "./samples.ts";
import { testStores, type OpenStore } from "./stores.ts";

/** What a content store promises about keeping content and letting go of it. */
export function custodyCompliance(name: string, open: OpenStore): void {
  describe(name, function () {
    this.timeout(30_000);
    const stores = testStores();
    const store = (at?: string) => stores.open(open, at);

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

    it("keeps pins over a restart and further collections", async () => {
      const at = await stores.directory();
      const before = await store(at);
      const digest = await before.putFile(sampleBytes("owed", CHUNK_BYTES + 1));
      await before.pin(digest, "file");
      await before.stop();
      const after = await store(at);
      await after.collectGarbage();
      await after.collectGarbage();
      expect(sha256(await after.getFile(digest))).to.equal(sha256(sampleBytes("owed", CHUNK_BYTES + 1)));
    });

    it("keeps the chunks of a pinned file that another file, let go of, shares with it", async () => {
      const one = await store();
      const start = sampleBytes("shared chunk", CHUNK_BYTES);
      const [kept, gone] = [Buffer.concat([start, utf8("kept")]), Buffer.concat([start, utf8("gone")])];
      const [keptDigest, goneDigest] = [await one.putFile(kept), await one.putFile(gone)];
      await one.pin(keptDigest, "file");
      await one.pin(goneDigest, "file");
      await one.unpin(goneDigest, "file");
      await one.collectGarbage();
      expect(await Promise.all([one.has(keptDigest, "file"), one.has(goneDigest, "file")])).to.deep.equal([true, false]);
      expect(sha256(await one.getFile(keptDigest))).to.equal(sha256(kept));
    });

    it("tells a document from a file of the same digest when it unpins", async () => {
      const one = await store();
      const digest = await one.putFile(utf8("both"));
      await one.pin(digest, "file");
      await one.unpin(digest, "document");
      await one.collectGarbage();
      expect(await one.has(digest, "file")).to.equal(true);
    });

    it("does not follow the links that the author of a document has put into it", async () => {
      const one = await store();
      // {"a": a link to a raw block that is nowhere}, in DAG-CBOR.
      const link = Buffer.concat([Buffer.from("a16161d82a582500015512" + "20", "hex"), Buffer.alloc(32, 7)]);
      const digest = await one.putDocument(link);
      await one.pin(digest, "document");
      await one.collectGarbage();
      expect(await one.getDocument(digest)).to.deep.equal(Uint8Array.from(link));
    });

    it("keeps what was fetched and pinned, and lets go of what was only fetched", async () => {
      const [provider, reader] = await Promise.all([store(), store()]);
      const [owed, passing] = [await provider.putFile(utf8("owed")), await provider.putFile(utf8("passing"))];
      for (const digest of [owed, passing]) await reader.getFile(digest, { ...PATIENT, from: provider.addresses() });
      await reader.pin(owed, "file");
      await reader.collectGarbage();
      expect(await Promise.all([reader.has(owed, "file"), reader.has(passing, "file")])).to.deep.equal([true, false]);
    });
  });
}
