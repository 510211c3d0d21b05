import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { base64pad } from "multiformats/bases/base64";
import { InfernetError } from "./errors.ts";

/** A 0x-prefixed hex string. */
export type Hex = `0x${string}`;
/** 0x and 64 lower-case hex digits: 32 bytes. */
export type Hex32 = Hex;
/** 0x and 40 hex digits: a 20-byte account or contract. */
export type Address = Hex;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const HEX32 = /^0x[0-9a-f]{64}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** Lower-case 0x hex of `bytes`. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/**
 * Bytes of a 0x hex string of either case.
 * @throws {InfernetError} `invalid_argument` when it is not hex
 */
export function fromHex(hex: string): Uint8Array {
  try {
    if (!hex.startsWith("0x")) throw new Error("no 0x prefix");
    return hexToBytes(hex.slice(2));
  } catch (cause) {
    throw new InfernetError("invalid_argument", `not a hex string: ${hex.slice(0, 80)}`, { cause });
  }
}

/** Whether `value` is 32 bytes in lower-case 0x hex. */
export function isHex32(value: unknown): value is Hex32 {
  return typeof value === "string" && HEX32.test(value);
}

/** Whether `value` is a 20-byte address in 0x hex (either case; the checksum is not looked at). */
export function isAddress(value: unknown): value is Address {
  return typeof value === "string" && ADDRESS.test(value);
}

/** UTF-8 of `text`. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Text of UTF-8 `bytes`; a byte order mark is kept as a character.
 * @throws {TypeError} when the bytes are not UTF-8
 */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** All `parts` in one array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Whether both arrays hold the same bytes. Not constant in time: nothing secret is compared. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** RFC 4648 base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return base64pad.baseEncode(bytes);
}

/**
 * Bytes of padded RFC 4648 base64. Only the one canonical spelling is accepted, so that equal
 * bytes have equal text.
 * @throws {InfernetError} `invalid_argument`
 */
export function fromBase64(text: string): Uint8Array {
  try {
    const bytes = base64pad.baseDecode(text);
    if (base64pad.baseEncode(bytes) !== text) throw new Error("not canonical");
    return bytes;
  } catch (cause) {
    throw new InfernetError("invalid_argument", "not padded base64", { cause });
  }
}

/** `value` as one 32-byte big-endian word, as the EVM lays out static values. */
export function word(value: bigint | number): Uint8Array {
  let rest = BigInt(value);
  if (rest < 0n || rest >> 256n !== 0n) throw new InfernetError("invalid_argument", `not a uint256: ${value}`);
  const out = new Uint8Array(32);
  for (let i = 31; rest > 0n; i--, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return out;
}
