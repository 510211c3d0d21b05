import { keccak256 } from "ethers";

/** Of the filter's 2048 bits; one with more set says yes to too much to be of use. */
const MOST_BITS = 512;

/**
 * Whether a block's bloom filter says that it holds a log of one of these contracts with one of these first topics.
 * A quiet block that holds one never says no, and seldom yes without one; a busy block says nothing, which counts as no.
 * Yellow Paper, 4.4.3 (M3:2048).
 * @param bloom - 256 bytes in hex
 */
export function tellsOf(bloom: string, addresses: readonly string[], topics: readonly string[]): boolean {
  if (bitsIn(bloom) > MOST_BITS) return false;
  return addresses.some((address) => contains(bloom, address)) && topics.some((topic) => contains(bloom, topic));
}

function contains(bloom: string, value: string): boolean {
  const hash = keccak256(value);
  return [2, 6, 10].every((at) => {
    const bit = Number.parseInt(hash.slice(at, at + 4), 16) & 2047;
    // Bit 0 is the lowest bit of the last byte.
    return (digitAt(bloom, bloom.length - 1 - (bit >> 2)) >> (bit & 3)) & 1;
  });
}

function bitsIn(bloom: string): number {
  let bits = 0;
  for (let at = 2; at < bloom.length; at++) for (let digit = digitAt(bloom, at); digit > 0; digit >>= 1) bits += digit & 1;
  return bits;
}

const digitAt = (bloom: string, at: number) => Number.parseInt(bloom[at]!, 16);
