import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { CID } from "multiformats/cid";
import * as Digests from "multiformats/hashes/digest";
import { fromHex, isHex32, toHex, type Hex32 } from "./bytes.ts";
import { InfernetError } from "./errors.ts";

/** The sha2-256 that names content: 0x and 64 lower-case hex digits. Its codec is known from context. */
export type Digest = Hex32;

/** `document` = one DAG-CBOR block; `file` = a UnixFS file with a dag-pb root. */
export type ContentKind = "document" | "file";
/** What a single block is: a whole document, the root of a file, or one chunk of a file. */
export type BlockKind = ContentKind | "chunk";

const SHA2_256 = 0x12;
const CODEC = { document: 0x71, file: 0x70, chunk: 0x55 } as const satisfies Record<BlockKind, number>;

/** sha2-256 of `bytes`. */
export function sha256(bytes: Uint8Array): Digest {
  return toHex(nobleSha256(bytes));
}

/**
 * `value` as a Digest.
 * @throws {InfernetError} `invalid_digest`
 */
export function parseDigest(value: unknown): Digest {
  if (isHex32(value)) return value;
  throw new InfernetError("invalid_digest", `not a digest: ${String(value).slice(0, 80)}`);
}

/** The CID (version 1) of `digest`, whose codec follows from `kind`. */
export function toCid(digest: Digest, kind: BlockKind): CID {
  return CID.createV1(CODEC[kind], Digests.create(SHA2_256, fromHex(parseDigest(digest))));
}

/**
 * The digest inside a CID (object or text).
 * @throws {InfernetError} `invalid_digest` when it is not a version 1, sha2-256 CID of that kind
 */
export function fromCid(cid: CID | string, kind: BlockKind): Digest {
  let parsed: CID;
  try {
    parsed = typeof cid === "string" ? CID.parse(cid) : cid;
  } catch (cause) {
    throw new InfernetError("invalid_digest", `not a CID: ${String(cid).slice(0, 80)}`, { cause });
  }
  const { code } = parsed.multihash;
  if (parsed.version !== 1 || parsed.code !== CODEC[kind] || code !== SHA2_256 || parsed.multihash.digest.length !== 32)
    throw new InfernetError("invalid_digest", `not the CID of a ${kind}: ${parsed.toString()}`);
  return toHex(parsed.multihash.digest);
}
