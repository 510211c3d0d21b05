import { readFileSync } from "node:fs";
import { expect } from "chai";
import { ethers } from "./core.fixture.ts";

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../test/vectors/${name}`, import.meta.url), "utf8"));

interface TreeVector { items: number; digests: string[]; leaves: string[]; root: string; proofs: string[][] }
interface SeatVector { shards: number; replicas: number; committeeWidth: number; width: number; positions: number[][]; shardsOf: number[][]; load: number[] }
interface CommitmentVector {
  chainId: number; jobs: string; jobId: string; batch: number; position: number; roots: string[]; dataDigest: string; salt: string; commitment: string;
}

describe("Vectors shared with the SDK", () => {
  const harness = () => ethers.deployContract("LibraryHarness");

  it("result trees: leaves, roots and proofs", async () => {
    const library = await harness();
    for (const { items, digests, leaves, root, proofs } of read("result-tree.json") as TreeVector[]) {
      for (const [i, digest] of digests.entries()) {
        expect(await library.leaf(i, digest)).to.equal(leaves[i]);
        expect(await library.verify(root, leaves[i]!, i, items, proofs[i]!), `${i} of ${items}`).to.equal(true);
      }
    }
  });

  it("result trees: nothing else passes", async () => {
    const library = await harness();
    for (const { items, leaves, root, proofs } of read("result-tree.json") as TreeVector[]) {
      const last = items - 1;
      const [leaf, proof] = [leaves[last]!, proofs[last]!];
      const verify = (r: string, l: string, index: number, n: number, p: string[]) => library.verify(r, l, index, n, p);
      expect(await verify(root, leaf, items, items, proof), "an index beyond the items").to.equal(false);
      expect(await verify(root, ethers.ZeroHash, items, items + 1, proof), "padding").to.equal(false);
      expect(await verify(root, leaf, last, items, [...proof, ethers.ZeroHash]), "too long").to.equal(false);
      expect(await verify(ethers.id("root"), leaf, last, items, proof), "another root").to.equal(false);
      if (items === 1) continue;
      expect(await verify(root, leaf, last, items, proof.slice(0, -1)), "too short").to.equal(false);
      expect(await verify(root, leaf, last - 1, items, proof), "another index").to.equal(false);
      // a node in a leaf's place: its proof is shorter than the tree is high
      const pair = ethers.keccak256(ethers.concat([leaves[0]!, leaves[1]!]));
      expect(await verify(root, pair, 0, items, proofs[0]!.slice(1)), "a node").to.equal(false);
    }
  });

  it("commitments", async () => {
    const library = await harness();
    for (const v of read("commitment.json") as CommitmentVector[]) {
      expect(await library.commitment(v.chainId, v.jobs, v.jobId, v.batch, v.position, v.roots, v.dataDigest, v.salt)).to.equal(v.commitment);
    }
  });

  it("seats: widths, positions and loads", async () => {
    const library = await harness();
    for (const v of read("seats.json") as SeatVector[]) {
      const [width, load, positions] = await library.seats(v.shards, v.replicas, v.committeeWidth);
      expect(width).to.equal(BigInt(v.width));
      expect([...positions].map(Number)).to.deep.equal(v.positions.flat());
      // a bound for every member, at most one shard too high
      expect(Number(load) - Math.max(...v.load)).to.be.within(0, 1);
      for (const [p, shards] of v.shardsOf.entries()) expect(await library.seatCount(p, v.shards, v.replicas, width)).to.equal(BigInt(shards.length));
    }
  });
});

describe("Ids", () => {
  it("are equal when every bit is", async () => {
    const library = await ethers.deployContract("LibraryHarness");
    const id = ethers.id("id");
    const flipped = (bit: bigint) => ethers.toBeHex(BigInt(id) ^ (1n << bit), 32);
    for (const same of [library.sameJob, library.samePool]) {
      expect(await same(id, id)).to.equal(true);
      for (const bit of [0n, 128n, 255n]) expect(await same(id, flipped(bit)), `bit ${bit}`).to.equal(false);
    }
  });
});
