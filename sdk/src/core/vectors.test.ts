import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { AbiCoder, concat, keccak256, solidityPackedKeccak256, toUtf8Bytes, zeroPadValue } from "ethers";
import { batchLoad, batchShape, commitment, positionsOfShard, resultLeaf, resultProof, resultRoot, rootsHash, shardsOfPosition, verifyResult, type Hex32 } from "./index.ts";

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "../../../test/vectors", name), "utf8"));

/** The result tree once more, in the plainest recursive form and with another library. */
function plainRoot(nodes: string[]): string {
  if (nodes.length === 1) return nodes[0]!;
  const half = nodes.length / 2;
  return keccak256(concat([plainRoot(nodes.slice(0, half)), plainRoot(nodes.slice(half))]));
}

describe("vectors shared with the contracts", () => {
  for (const v of read("result-tree.json")) {
    it(`result tree of ${v.items} items`, () => {
      const leaves = v.digests.map((digest: string, i: number) => solidityPackedKeccak256(["uint64", "bytes32"], [i, digest]));
      expect(v.leaves).to.deep.equal(leaves);
      const width = 2 ** v.proofLength;
      expect(width).to.be.at.least(v.items).and.below(Math.max(2 * v.items, 2));
      const padded = [...leaves, ...new Array(width - leaves.length).fill(zeroPadValue("0x", 32))];
      expect(v.root).to.equal(plainRoot(padded));
      expect(resultRoot(v.digests)).to.equal(v.root);
      v.digests.forEach((digest: Hex32, index: number) => {
        expect(resultLeaf(index, digest)).to.equal(v.leaves[index]);
        expect(resultProof(v.digests, index)).to.deep.equal(v.proofs[index]);
        expect(verifyResult({ root: v.root, items: v.items, index, digest, proof: v.proofs[index] })).to.equal(true);
      });
    });
  }

  read("commitment.json").forEach((v: any, i: number) => {
    it(`commitment ${i}`, () => {
      const type = "InfernetCommit(uint256 chainId,address jobs,bytes32 jobId,uint256 batch,uint256 position,bytes32 rootsHash,bytes32 dataDigest,bytes32 salt)";
      const hash = solidityPackedKeccak256(v.roots.map(() => "bytes32"), v.roots);
      const encoded = AbiCoder.defaultAbiCoder().encode(
        ["bytes32", "uint256", "address", "bytes32", "uint256", "uint256", "bytes32", "bytes32", "bytes32"],
        [keccak256(toUtf8Bytes(type)), v.chainId, v.jobs, v.jobId, v.batch, v.position, hash, v.dataDigest, v.salt],
      );
      expect(v.rootsHash).to.equal(hash);
      expect(v.commitment).to.equal(keccak256(encoded));
      expect(rootsHash(v.roots)).to.equal(hash);
      expect(commitment(v)).to.equal(v.commitment);
    });
  });

  for (const v of read("seats.json")) {
    it(`seats of n=${v.shards} k=${v.replicas} width=${v.committeeWidth}`, () => {
      const shape = batchShape(v.shards, v.replicas, v.committeeWidth);
      expect(shape.width).to.equal(v.width);
      for (let i = 0; i < v.shards; i++) expect(positionsOfShard(shape, i)).to.deep.equal(v.positions[i]);
      for (let p = 0; p < v.width; p++) expect(shardsOfPosition(shape, p)).to.deep.equal(v.shardsOf[p]);
      expect(batchLoad(shape)).to.deep.equal(v.load);
    });
  }
});
