import { concat } from "./bytes.ts";
import { InfernetError } from "./errors.ts";

/** The byte that ends a line. */
export const NEWLINE = 0x0a;

/** Limits of a JSON Lines file. */
export interface LineLimits {
  /** Most lines. */
  readonly maxLines: number;
  /** Most bytes of one line, without its newline. */
  readonly maxLineBytes: number;
}

/**
 * Splits a JSON Lines file into its lines, without their newlines. Views, not copies.
 * The network's own files are strict: every line, also the last, ends with "\n".
 * @throws {InfernetError} `invalid_document` for a last line without newline,
 *   `document_too_large` when a limit is passed
 */
export function splitLines(bytes: Uint8Array, limits: LineLimits): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) throw new InfernetError("invalid_document", `line ${lines.length + 1} does not end with a newline`);
    if (end - start > limits.maxLineBytes)
      throw new InfernetError("document_too_large", `line ${lines.length + 1} is longer than ${limits.maxLineBytes} bytes`);
    if (lines.length >= limits.maxLines)
      throw new InfernetError("document_too_large", `more than ${limits.maxLines} lines`);
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/**
 * Joins lines to a file; each gets its newline.
 * @throws {InfernetError} `invalid_argument` when a line itself holds a newline
 */
export function joinLines(lines: readonly Uint8Array[]): Uint8Array {
  const newline = Uint8Array.of(NEWLINE);
  return concat(
    lines.flatMap((line, i) => {
      if (line.includes(NEWLINE)) throw new InfernetError("invalid_argument", `line ${i + 1} holds a newline`);
      return [line, newline];
    }),
  );
}
