import { fromUtf8 } from "./bytes.ts";
import { InfernetError } from "./errors.ts";
import { NEWLINE } from "./lines.ts";

const CARRIAGE_RETURN = 0x0d;

/** A line of a file that a person wrote. */
export interface InputLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * Lines of a file that a person wrote: the last newline may be missing, lines may end with "\r\n",
 * a byte order mark is dropped.
 * @throws {InfernetError} `input_too_large`, or `invalid_input` for a line that is not UTF-8
 */
export function* inputLines(file: Uint8Array, limits: { maxBytes: number; maxLineBytes: number }): Generator<InputLine> {
  if (file.length > limits.maxBytes)
    throw new InfernetError("input_too_large", `the input has ${file.length} bytes, at most ${limits.maxBytes} allowed`);
  let start = file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf ? 3 : 0;
  for (let number = 1; start < file.length; number++) {
    const newline = file.indexOf(NEWLINE, start);
    const next = newline < 0 ? file.length : newline + 1;
    let end = newline < 0 ? file.length : newline;
    if (end > start && file[end - 1] === CARRIAGE_RETURN) end--;
    if (end - start > limits.maxLineBytes)
      throw new InfernetError("input_too_large", `line ${number} has ${end - start} bytes, at most ${limits.maxLineBytes} allowed`, { details: { line: number } });
    yield { number, text: decode(file.subarray(start, end), number) };
    start = next;
  }
}

function decode(bytes: Uint8Array, number: number): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw new InfernetError("invalid_input", `line ${number} is not UTF-8`, { cause, details: { line: number } });
  }
}
