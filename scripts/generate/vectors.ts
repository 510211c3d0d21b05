import { batchLoad, batchShape, commitment, positionsOfShard, proofLength, resultLeaf, resultProof, resultRoot, rootsHash, sha256, shardsOfPosition, utf8 } from "@infernet/sdk/core";

/** Any fixed, distinct 32 bytes. */
const bytes32 = (label: string) => sha256(utf8(label));

const TREE_SIZES = [1, 2, 3, 5, 8, 33];

/** [n, k, committeeWidth]: one member, full and short rounds, widest committee, more replicas than shards. */
const SEAT_SHAPES = [
  [1, 1, 1], [1, 1, 4], [1, 2, 4], [1, 7, 8], [2, 2, 2], [2, 3, 8], [3, 2, 4], [4, 2, 4],
  [5, 3, 3], [9, 2, 5], [31, 4, 6], [32, 1, 8], [32, 2, 2], [32, 2, 8], [32, 3, 7], [32, 8, 8],
] as const;

const COMMITMENTS = [
  { chainId: 31337, batch: 0, position: 0, roots: 1 },
  { chainId: 137, batch: 3, position: 7, roots: 8 },
  { chainId: 80002, batch: 4294967295, position: 1, roots: 32 },
];

/** Result trees: leaf, root and every proof. */
function resultTreeVectors() {
  return TREE_SIZES.map((items) => {
    const digests = Array.from({ length: items }, (_, i) => bytes32(`result ${i} of ${items}`));
    return {
      items,
      proofLength: proofLength(items),
      digests,
      leaves: digests.map((digest, i) => resultLeaf(i, digest)),
      root: resultRoot(digests),
      proofs: digests.map((_, i) => resultProof(digests, i)),
    };
  });
}

/** Commitments: inputs, packed hash of the roots, hash. */
function commitmentVectors() {
  return COMMITMENTS.map(({ roots: count, ...rest }, i) => {
    const roots = Array.from({ length: count }, (_, r) => bytes32(`root ${r} of commitment ${i}`));
    const input = {
      ...rest,
      jobs: `0x${bytes32(`jobs ${i}`).slice(-40)}` as const,
      jobId: bytes32(`job ${i}`),
      roots,
      dataDigest: bytes32(`data ${i}`),
      salt: bytes32(`salt ${i}`),
    };
    return { ...input, rootsHash: rootsHash(roots), commitment: commitment(input) };
  });
}

/** Seats: width, positions of every shard, shards of every position, load. */
function seatVectors() {
  return SEAT_SHAPES.map(([shards, replicas, committeeWidth]) => {
    const shape = batchShape(shards, replicas, committeeWidth);
    return {
      shards,
      replicas,
      committeeWidth,
      width: shape.width,
      positions: Array.from({ length: shards }, (_, shard) => positionsOfShard(shape, shard)),
      shardsOf: Array.from({ length: shape.width }, (_, position) => shardsOfPosition(shape, position)),
      load: batchLoad(shape),
    };
  });
}

/** Vectors that Solidity and TypeScript are both held against, by file name in test/vectors. */
export const vectors: Readonly<Record<string, () => unknown>> = {
  "result-tree.json": resultTreeVectors,
  "commitment.json": commitmentVectors,
  "seats.json": seatVectors,
};
