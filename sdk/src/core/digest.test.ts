import { expect } from "chai";
import { utf8 } from "./bytes.ts";
import { fromCid, parseDigest, sha256, toCid } from "./digest.ts";

const abc = sha256(utf8("abc"));

describe("digest", () => {
  it("is a sha2-256", () => {
    expect(abc).to.equal("0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2, B.1
  });

  it("becomes the CID of a document or a file, and comes back", () => {
    expect(toCid(abc, "document").toString()).to.match(/^bafyrei/);
    expect(toCid(abc, "file").toString()).to.match(/^bafybei/);
    for (const kind of ["document", "file"] as const) {
      expect(fromCid(toCid(abc, kind), kind)).to.equal(abc);
      expect(fromCid(toCid(abc, kind).toString(), kind)).to.equal(abc);
    }
  });

  it("refuses a CID of another kind, codec, hash or version", () => {
    const bad = [
      toCid(abc, "file").toString(),
      "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n", // version 0
      "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq", // raw
      "nonsense",
      "",
    ];
    for (const cid of bad) expect(() => fromCid(cid, "document")).to.throw().with.property("code", "invalid_digest");
  });

  it("is checked", () => {
    expect(parseDigest(abc)).to.equal(abc);
    for (const bad of [abc.slice(2), abc.toUpperCase(), `${abc}00`, null, 7, {}]) expect(() => parseDigest(bad)).to.throw().with.property("code", "invalid_digest");
  });
});
