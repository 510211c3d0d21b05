import { expect } from "chai";
import { utf8 } from "./bytes.ts";
import { proofLength, resultDigest, resultLeaf, resultProof, resultRoot, verifyResult } from "./result-tree.ts";

const digests = Array.from({ length: 6 }, (_, i) => resultDigest(utf8(`{"n":${i}}`)));
const claim = (index: number) => ({ root: resultRoot(digests), items: 6, index, digest: digests[index]!, proof: resultProof(digests, index) });

describe("result tree", () => {
  it("has the leaf as root when there is one item", () => {
    expect(resultRoot([digests[0]!])).to.equal(resultLeaf(0, digests[0]!));
    expect(resultProof([digests[0]!], 0)).to.deep.equal([]);
  });

  it("has proofs of ceil(log2(items)) siblings", () => {
    expect([1, 2, 3, 4, 5, 8, 9, 1024, 1025].map(proofLength)).to.deep.equal([0, 1, 2, 2, 3, 3, 4, 10, 11]);
  });

  it("verifies every item", () => {
    for (let i = 0; i < 6; i++) expect(verifyResult(claim(i))).to.equal(true);
  });

  it("refuses another digest, index, root, item count or proof", () => {
    const good = claim(2);
    expect(verifyResult({ ...good, digest: digests[3]! })).to.equal(false);
    expect(verifyResult({ ...good, index: 3 })).to.equal(false);
    expect(verifyResult({ ...good, root: digests[0]! })).to.equal(false);
    expect(verifyResult({ ...good, items: 3 })).to.equal(false);
    expect(verifyResult({ ...good, proof: good.proof.slice(1) })).to.equal(false);
    expect(verifyResult({ ...good, proof: [...good.proof, digests[0]!] })).to.equal(false);
    expect(verifyResult({ ...good, proof: [...good.proof].reverse() })).to.equal(false);
    expect(verifyResult({ ...good, proof: ["0x12", ...good.proof.slice(1)] as never })).to.equal(false);
  });

  it("refuses positions beyond the items, although padding stands there", () => {
    expect(verifyResult({ ...claim(5), index: 6 })).to.equal(false);
    expect(verifyResult({ ...claim(5), index: -1 })).to.equal(false);
    expect(verifyResult({ ...claim(5), index: 0.5 })).to.equal(false);
  });

  it("binds the order of results", () => {
    expect(resultRoot([...digests].reverse())).to.not.equal(resultRoot(digests));
  });

  it("refuses an empty shard", () => {
    expect(() => resultRoot([])).to.throw(/1 to 2\^32 leaves/);
    expect(() => resultProof(digests, 6)).to.throw(/item 6 is not one of 6/);
  });
});
