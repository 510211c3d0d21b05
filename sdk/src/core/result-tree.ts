import { keccak_256 } from "@noble/hashes/sha3.js";
import { concat, fromHex, isHex32, toHex, type Hex32 } from "./bytes.ts";
import { sha256, type Digest } from "./digest.ts";
import { InfernetError } from "./errors.ts";

const PADDING = new Uint8Array(32);
/** Leaf indices are uint64 on chain; a JavaScript array never comes near. */
const MAX_ITEMS = 2 ** 32;

/** Digest of one result line, without its newline. */
export function resultDigest(line: Uint8Array): Digest {
  return sha256(line);
}

/**
 * Leaf of the item at `index` (position inside the shard, from 0):
 * keccak256(uint64be index ‖ resultDigest). 40 bytes, so that no inner node (64 bytes) can pose as one.
 */
export function resultLeaf(index: number, digest: Digest): Hex32 {
  return toHex(leafBytes(index, fromHex(digest)));
}

/** Root of the result tree over the digests of a shard's results, in item order. */
export function resultRoot(digests: readonly Digest[]): Hex32 {
  return toHex(levels(digests).at(-1)![0]!);
}

/** Siblings that lead from the leaf at `index` to the root, bottom up. */
export function resultProof(digests: readonly Digest[], index: number): Hex32[] {
  requireIndex(index, digests.length);
  return levels(digests)
    .slice(0, -1)
    .map((level, height) => toHex(level[Math.floor(index / 2 ** height) ^ 1]!));
}

/** Number of siblings in a proof for a shard of `items` items: ceil(log2(items)). */
export function proofLength(items: number): number {
  let height = 0;
  while (2 ** height < items) height++;
  return height;
}

/** What a proof claims: that the item at `index` of `items` has this result. */
export interface ResultClaim {
  readonly root: Hex32;
  readonly items: number;
  readonly index: number;
  readonly digest: Digest;
  readonly proof: readonly Hex32[];
}

/** Whether the claim holds. A proof of any other length than the tree's height is refused. */
export function verifyResult({ root, items, index, digest, proof }: ResultClaim): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= items) return false;
  if (proof.length !== proofLength(items) || !proof.every(isHex32) || !isHex32(digest)) return false;
  let node = leafBytes(index, fromHex(digest));
  let at = index;
  for (const sibling of proof) {
    const other = fromHex(sibling);
    node = at % 2 === 0 ? pair(node, other) : pair(other, node);
    at = Math.floor(at / 2);
  }
  return toHex(node) === root;
}

function levels(digests: readonly Digest[]): Uint8Array[][] {
  if (digests.length === 0 || digests.length > MAX_ITEMS)
    throw new InfernetError("invalid_argument", `a result tree has 1 to 2^32 leaves, not ${digests.length}`);
  const width = 2 ** proofLength(digests.length);
  let level = Array.from({ length: width }, (_, i) => {
    const digest = digests[i];
    return digest === undefined ? PADDING : leafBytes(i, fromHex(digest));
  });
  const all = [level];
  while (level.length > 1) {
    const below = level;
    level = Array.from({ length: below.length / 2 }, (_, i) => pair(below[2 * i]!, below[2 * i + 1]!));
    all.push(level);
  }
  return all;
}

function leafBytes(index: number, digest: Uint8Array): Uint8Array {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setBigUint64(0, BigInt(index));
  return keccak_256(concat([head, digest]));
}

function pair(left: Uint8Array, right: Uint8Array): Uint8Array {
  return keccak_256(concat([left, right]));
}

function requireIndex(index: number, items: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= items)
    throw new InfernetError("invalid_argument", `item ${index} is not one of ${items}`);
}
