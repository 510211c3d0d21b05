import { fromUtf8 } from "./bytes.ts";
import type { Digest } from "./digest.ts";
import { InfernetError } from "./errors.ts";
import { failureResult, type FailureCode } from "./failure.ts";
import { NEWLINE, splitLines } from "./lines.ts";
import { resultDigest, resultRoot } from "./result-tree.ts";
import type { Hex32 } from "./bytes.ts";

/** How a module ended, and what it had written. */
export interface ModuleRun {
  /** `ok`: it returned or called proc_exit(0); `exit`: another code; `trap`: a WebAssembly trap. */
  readonly outcome: "ok" | "exit" | "trap";
  /** Everything it wrote; a host may stop it once this is longer than {@link stdoutLimit}. */
  readonly stdout: Uint8Array;
}

/** A shard result: the file, and its failure code where the whole shard failed. */
export interface ShardResult {
  readonly file: Uint8Array;
  readonly failure: FailureCode | null;
}

/** Bytes that a valid result of `items` lines cannot exceed. A host keeps one byte more, then stops. */
export function stdoutLimit(items: number, lineBytes: number): number {
  return items * (lineBytes + 1);
}

/**
 * Turns the output of a module into the shard result. Pure and total: replicas whose modules did
 * the same get the same bytes, however much of a runaway output each of them has kept.
 * Output beyond {@link stdoutLimit} is judged first (a host may have cut it), then trap and exit,
 * then the first violation in byte order.
 * @param items - lines of the shard input
 * @param lineBytes - the manifest's limit of one result line
 */
export function shardResult(run: ModuleRun, items: number, lineBytes: number): ShardResult {
  const overflowed = run.stdout.length > stdoutLimit(items, lineBytes);
  const failure = overflowed || run.outcome === "ok" ? violation(run.stdout, items, lineBytes) : run.outcome;
  return failure === null ? { file: run.stdout, failure } : { file: failureResult(failure, items), failure };
}

/**
 * Lines of a shard result that came from another node.
 * @throws {InfernetError} `invalid_result` when it is not a result of `items` lines
 */
export function parseShardResult(file: Uint8Array, items: number, lineBytes: number): Uint8Array[] {
  const found = violation(file, items, lineBytes);
  if (found !== null) throw new InfernetError("invalid_result", `not a shard result of ${items} lines: ${found}`);
  return splitLines(file, { maxLines: items, maxLineBytes: lineBytes });
}

/** Digests of the lines of a shard result and the root over them. */
export function resultDigests(lines: readonly Uint8Array[]): { digests: Digest[]; root: Hex32 } {
  const digests = lines.map(resultDigest);
  return { digests, root: resultRoot(digests) };
}

function violation(bytes: Uint8Array, items: number, lineBytes: number): FailureCode | null {
  let start = 0;
  for (let line = 0; line < items; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    if (end - start > lineBytes) return "line_too_long";
    if (newline < 0) return "line_count";
    if (!isJson(bytes.subarray(start, end))) return "invalid_line";
    start = end + 1;
  }
  return start === bytes.length ? null : "line_count";
}

function isJson(line: Uint8Array): boolean {
  try {
    JSON.parse(fromUtf8(line));
    return true;
  } catch {
    return false;
  }
}
