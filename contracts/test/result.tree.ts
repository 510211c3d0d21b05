import { ethers } from "./core.fixture.ts";

const node = (left: string, right: string) => ethers.keccak256(ethers.concat([left, right]));

/** Leaf of an item: keccak256(uint64 index ‖ result digest), as in libraries/ResultTree.sol. */
export function leafOf(index: number, digest: string): string {
  return ethers.solidityPackedKeccak256(["uint64", "bytes32"], [index, digest]);
}

/** Levels of the tree, leaves first, padded with zero words. */
function levels(leaves: readonly string[]): string[][] {
  let width = 1;
  while (width < leaves.length) width *= 2;
  const all = [[...leaves, ...Array.from({ length: width - leaves.length }, () => ethers.ZeroHash)]];
  while (all.at(-1)!.length > 1) {
    const below = all.at(-1)!;
    all.push(Array.from({ length: below.length / 2 }, (_, i) => node(below[2 * i]!, below[2 * i + 1]!)));
  }
  return all;
}

export const rootOf = (leaves: readonly string[]): string => levels(leaves).at(-1)![0]!;

/** Siblings from the leaf up. */
export function proofOf(leaves: readonly string[], index: number): string[] {
  return levels(leaves).slice(0, -1).map((level, depth) => level[(index >> depth) ^ 1]!);
}
