import { fromUtf8, utf8 } from "./bytes.ts";
import { joinLines } from "./lines.ts";

/**
 * Deterministic failures of a whole shard. Every honest replica meets the same one, so it is a
 * result like any other: agreed on and paid for, nobody is slashed.
 */
export const FAILURE_CODES = ["trap", "exit", "line_count", "invalid_line", "line_too_long"] as const;
/** A deterministic failure of a whole shard. */
export type FailureCode = (typeof FAILURE_CODES)[number];

/** The result line of a failure. */
export function failureLine(code: FailureCode): Uint8Array {
  return utf8(JSON.stringify({ error: { code } }));
}

/** The shard result of a failure: its line for each of the `items` items. */
export function failureResult(code: FailureCode, items: number): Uint8Array {
  return joinLines(new Array<Uint8Array>(items).fill(failureLine(code)));
}

/** The code of a result line that says `{"error":{"code":…}}`, of whatever origin; else undefined. */
export function errorOfLine(line: Uint8Array): string | undefined {
  try {
    const value = JSON.parse(fromUtf8(line)) as { error?: { code?: unknown } } | null;
    const code = value?.error?.code;
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}
