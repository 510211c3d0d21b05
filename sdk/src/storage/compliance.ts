import { expect } from "chai";
import { CHUNK_BYTES, fileDigest, sha256, utf8 } from "../core/index.ts";
import { badPeerCompliance } from "./testing/bad-peers.ts";
import { carCompliance } from "./testing/cars.ts";
import { custodyCompliance } from "./testing/custody.ts";
import { contentExchangeCompliance } from "./testing/exchange.ts";
import { PATIENT, refused, sampleBytes, SOON } from "./testing/samples.ts";
import { testStores, type OpenStore } from "./testing/stores.ts";

export { contentExchangeCompliance, type OpenStore };

/** What every ContentStore promises; run on each implementation. */
export function contentStoreCompliance(name: string, open: OpenStore): void {
  describe(`${name} as a content store`, function () {
    this.timeout(30_000);
    const stores = testStores();
    const { directory } = stores;
    const store = (at?: string) => stores.open(open, at);

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

    it("hands content that arrives by a put to those who wait for it here", async () => {
      const one = await store();
      const fetched = one.getFile(fileDigest(utf8("mine")), PATIENT);
      await one.putFile(utf8("mine"));
      expect(await fetched).to.deep.equal(utf8("mine"));
    });

    it("says when content cannot be found, or does not come in time", async () => {
      const lonely = await store();
      await refused(lonely.getDocument(sha256(utf8("nowhere")), SOON), "content_not_found");
      await refused(lonely.getFile(sha256(utf8("nowhere")), { ...SOON, from: ["/ip4/127.0.0.1/tcp/1"] }), "content_not_found");
      const [reader, other] = await Promise.all([store(), store()]);
      await reader.connect(other.addresses());
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
  custodyCompliance(`${name} keeping content`, open);
  carCompliance(`${name} and CAR files`, open);
  contentExchangeCompliance(`${name} to ${name}`, open, open);
  badPeerCompliance(`${name} among bad peers`, open);
}
