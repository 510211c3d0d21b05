import { keccak_256 } from "@noble/hashes/sha3.js";
import { concat, fromHex, isAddress, isHex32, toHex, utf8, word, type Address, type Hex32 } from "./bytes.ts";
import type { Digest } from "./digest.ts";
import { InfernetError } from "./errors.ts";

/** The type whose hash separates commitments from everything else that is hashed. */
export const COMMIT_TYPE =
  "InfernetCommit(uint256 chainId,address jobs,bytes32 jobId,uint256 batch,uint256 position,bytes32 rootsHash,bytes32 dataDigest,bytes32 salt)";
/** keccak256 of {@link COMMIT_TYPE}. */
export const COMMIT_TYPEHASH: Hex32 = toHex(keccak_256(utf8(COMMIT_TYPE)));

/** What a committee member binds itself to before anyone reveals. */
export interface CommitmentInput {
  readonly chainId: bigint | number;
  /** Address of the Jobs contract. */
  readonly jobs: Address;
  readonly jobId: Hex32;
  readonly batch: number;
  /** The member's position in the committee. */
  readonly position: number;
  /** Result roots of the member's shards, in ascending shard order. */
  readonly roots: readonly Hex32[];
  /** Digest of the batch result document. */
  readonly dataDigest: Digest;
  /** 32 random bytes; they keep the roots secret although there are few possible ones. */
  readonly salt: Hex32;
}

/** keccak256(abi.encodePacked(roots)). */
export function rootsHash(roots: readonly Hex32[]): Hex32 {
  return toHex(keccak_256(concat(roots.map((root, i) => bytes32(root, `roots[${i}]`)))));
}

/**
 * The commitment of a batch: keccak256(abi.encode(COMMIT_TYPEHASH, …)). Every field is a static
 * 32-byte word, so the ABI encoding is their concatenation.
 * @throws {InfernetError} `invalid_argument` when a field has the wrong form
 */
export function commitment(input: CommitmentInput): Hex32 {
  if (!isAddress(input.jobs)) throw new InfernetError("invalid_argument", "jobs is not an address");
  return toHex(
    keccak_256(
      concat([
        fromHex(COMMIT_TYPEHASH),
        word(input.chainId),
        word(BigInt(input.jobs)),
        bytes32(input.jobId, "jobId"),
        word(input.batch),
        word(input.position),
        fromHex(rootsHash(input.roots)),
        bytes32(input.dataDigest, "dataDigest"),
        bytes32(input.salt, "salt"),
      ]),
    ),
  );
}

function bytes32(value: Hex32, name: string): Uint8Array {
  if (!isHex32(value)) throw new InfernetError("invalid_argument", `${name} is not 32 bytes of lower-case hex`);
  return fromHex(value);
}
