import { CarWriter } from "@ipld/car/writer";
import { expect } from "chai";
import { CHUNK_BYTES, fileBlocks, sha256, toCid, utf8, type BlockKind } from "../../core/index.ts";
import type { ContentStore } from "../store.ts";
import { PATIENT, refused, sampleBytes, SOON } from "./samples.ts";
import { testStores, type OpenStore } from "./stores.ts";

const SIZE = CHUNK_BYTES + 5;

/** A CAR of any blocks, right or wrong; their first digest is its root. */
async function* carOf(...blocks: readonly { kind: BlockKind; bytes: Uint8Array; as?: Uint8Array }[]): AsyncGenerator<Uint8Array> {
  const cids = blocks.map(({ kind, bytes, as = bytes }) => toCid(sha256(as), kind));
  const { writer, out } = CarWriter.create([cids[0]!]);
  const written = (async () => {
    for (const [i, { bytes }] of blocks.entries()) await writer.put({ cid: cids[i]!, bytes });
    await writer.close();
  })();
  yield* out;
  await written;
}

async function joined(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What a content store promises about CAR files. */
export function carCompliance(name: string, open: OpenStore): void {
  describe(name, function () {
    this.timeout(30_000);
    const stores = testStores();
    const store = () => stores.open(open);
    const file = sampleBytes("car", SIZE);
    const { digest, root, chunks } = fileBlocks(file);
    const [first, second] = [{ kind: "chunk", bytes: chunks[0]!.bytes }, { kind: "chunk", bytes: chunks[1]!.bytes }] as const;
    const top = { kind: "file", bytes: root } as const;
    const nothingOf = async (one: ContentStore) => expect(await one.has(digest, "file")).to.equal(false);

    it("carries documents and files from one store to another that never meet", async () => {
      const [from, to] = await Promise.all([store(), store()]);
      const document = await from.putDocument(sampleBytes("document", 1000));
      expect(await to.importCar(from.exportCar(document, "document"))).to.deep.equal({ digest: document, kind: "document" });
      expect(await to.getDocument(document)).to.deep.equal(sampleBytes("document", 1000));
      const repeating = new Uint8Array(3 * CHUNK_BYTES + 1);
      for (const content of [new Uint8Array(), utf8("x"), file, repeating]) {
        const named = await from.putFile(content);
        expect(await to.importCar(from.exportCar(named, "file"))).to.deep.equal({ digest: named, kind: "file" });
        expect(await to.has(named, "file")).to.equal(true);
        expect(sha256(await to.getFile(named))).to.equal(sha256(content));
      }
    });

    it("writes the same CAR for the same content, and takes it in whatever pieces it comes", async () => {
      const [from, to] = await Promise.all([store(), store()]);
      await from.putFile(file);
      const car = await joined(from.exportCar(digest, "file"));
      expect(Buffer.compare(car, await joined(carOf(top, first, second)))).to.equal(0);
      await to.importCar(pieces(car, 1000));
      expect(sha256(await to.getFile(digest))).to.equal(sha256(file));
    });

    it("exports only what is held here", async () => {
      const one = await store();
      await refused(joined(one.exportCar(digest, "file")), "content_not_found");
    });

    it("refuses a CAR with wrong bytes, foreign blocks, or less than all of it", async () => {
      const one = await store();
      const foreign = { kind: "chunk", bytes: utf8("foreign") } as const;
      const wrong = { kind: "chunk", bytes: Uint8Array.from(second.bytes, (byte) => byte ^ 1), as: second.bytes } as const;
      const bad = [carOf(top, first, wrong), carOf(top, first), carOf(top, first, foreign, second), carOf(top, first, first, second), carOf(first), carOf({ kind: "file", bytes: utf8("no root") }), carOf({ kind: "document", bytes: utf8("other"), as: utf8("document") })];
      for (const car of bad) await refused(one.importCar(car), "content_mismatch");
      const whole = await joined(carOf(top, first, second));
      for (const text of [whole.subarray(0, whole.length - 1), utf8("nonsense"), new Uint8Array(), Buffer.concat([whole, utf8("more")])]) await refused(one.importCar(pieces(text, 4096)), "content_mismatch");
      await nothingOf(one);
    });

    it("refuses content beyond the limit before it takes in its chunks", async () => {
      const one = await store();
      await refused(one.importCar(carOf(top, first, second), { maxBytes: SIZE - 1 }), "content_too_large");
      await refused(one.importCar(carOf({ kind: "document", bytes: utf8("document") }), { maxBytes: 7 }), "content_too_large");
      await nothingOf(one);
    });

    it("cuts off a stream that never ends", async () => {
      const one = await store();
      let ended = false;
      async function* endless(start: AsyncIterable<Uint8Array>) {
        try {
          yield* start;
          for (;;) yield new Uint8Array(65536);
        } finally {
          ended = true;
        }
      }
      // One block that is said to have 2^34 bytes, and a root after which zeros follow.
      const huge = Buffer.concat([(await joined(carOf(top))).subarray(0, 59), Buffer.from("808080804001551220", "hex"), Buffer.alloc(32)]);
      await refused(one.importCar(endless(pieces(huge, 100)), PATIENT), "content_too_large");
      expect(ended).to.equal(true);
      await refused(one.importCar(endless(carOf(top)), PATIENT), "content_mismatch");
      await nothingOf(one);
    });

    it("gives up on a stream that stands still, in time or when it is told to", async () => {
      const one = await store();
      async function* stalled() {
        yield* carOf(top);
        await new Promise(() => {});
      }
      await refused(one.importCar(stalled(), SOON), "content_timeout");
      const controller = new AbortController();
      const imported = one.importCar(stalled(), { signal: controller.signal });
      controller.abort();
      await refused(imported, "aborted");
      await refused(one.importCar(carOf(top, first, second), { signal: AbortSignal.abort() }), "aborted");
      await nothingOf(one);
    });
  });
}
