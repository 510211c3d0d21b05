import { expect } from "chai";
import { sha256, utf8, type ErrorCode } from "../../core/index.ts";

/** Longer than anything here takes, so that a test fails by its own message and not by mocha's. */
export const PATIENT = { timeoutMs: 20_000 };
export const SOON = { timeoutMs: 60 };

/** Bytes that differ for each label. */
export function sampleBytes(label: string, length: number): Uint8Array {
  const seed = utf8(sha256(utf8(label)));
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = seed[i % seed.length]! ^ (i * 167) ^ (i >> 8);
  return bytes;
}

/** Expects a typed error. */
export async function refused(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error, "must be refused").to.have.property("code", code);
}
