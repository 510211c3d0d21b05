import { unixfs } from "@helia/unixfs";
import { MemoryBlockstore } from "blockstore-core";
import { expect } from "chai";
import { concat } from "./bytes.ts";
import { sha256, toCid } from "./digest.ts";
import { CHUNK_BYTES, chunkSize, decodeFileRoot, fileBlocks, fileDigest, MAX_FILE_BYTES } from "./file.ts";

const sample = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

describe("file", () => {
  for (const size of [0, 1, 127, 128, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5])
    it(`of ${size} bytes has the CID that Helia's importer gives`, async () => {
      const importer = unixfs({ blockstore: new MemoryBlockstore() });
      const cid = await importer.addBytes(sample(size), { reduceSingleLeafToSelf: false });
      expect(toCid(fileDigest(sample(size)), "file").toString()).to.equal(cid.toString());
    });

  it("comes back from its blocks", () => {
    const file = sample(2 * CHUNK_BYTES + 7);
    const { digest, root, chunks } = fileBlocks(file);
    expect(sha256(root)).to.equal(digest);
    expect(decodeFileRoot(root)).to.deep.equal({ size: file.length, chunks: chunks.map((chunk) => sha256(chunk.bytes)) });
    expect(chunks.map((chunk, i) => chunk.bytes.length - chunkSize(file.length, i))).to.deep.equal([0, 0, 0]);
    expect(sha256(concat(chunks.map((chunk) => chunk.bytes)))).to.equal(sha256(file));
  });

  it("has a root that is refused when anything about it is changed", () => {
    const { root, chunks } = fileBlocks(sample(CHUNK_BYTES + 1));
    for (let at = 0; at < root.length; at++) {
      const bad = root.slice();
      bad[at]! ^= 1;
      try {
        // A changed digest of a chunk is another file: it must still decode to that digest.
        expect(chunks.map((chunk) => chunk.digest)).to.not.deep.equal(decodeFileRoot(bad).chunks);
      } catch (error) {
        expect(error).to.have.property("code", "content_mismatch");
      }
    }
    for (const bad of [root.slice(0, -1), concat([root, Uint8Array.of(0)]), new Uint8Array(0), Uint8Array.of(0xff), sample(100)])
      expect(() => decodeFileRoot(bad)).to.throw().with.property("code", "content_mismatch");
  });

  it("refuses roots whose size lies about what a fetch will cost", () => {
    const { root } = fileBlocks(sample(5));
    // The last two bytes are the block size; the ones before, the file size.
    const bomb = root.slice();
    bomb[bomb.length - 3] = 6;
    expect(() => decodeFileRoot(bomb)).to.throw().with.property("code", "content_mismatch");
  });

  it("refuses more than the root can link", () => {
    const huge = { length: MAX_FILE_BYTES + 1 } as Uint8Array;
    expect(() => fileBlocks(huge)).to.throw().with.property("code", "content_too_large");
  });
});
