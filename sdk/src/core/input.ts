import { utf8 } from "./bytes.ts";
import { InfernetError } from "./errors.ts";
import { inputLines } from "./input-lines.ts";
import { parseRequest } from "./request.ts";

/**
 * Forms of an input file. `txt`: one item a line, an empty line is an empty item. `jsonl`: OpenAI
 * batch requests for /v1/embeddings or /v1/chat/completions, or {"text": …}. `raw`: one JSON value a line, handed to the
 * module as it stands.
 */
export type InputFormat = "txt" | "jsonl" | "raw";

/** Limits of an input file. */
export interface InputLimits {
  readonly maxBytes: number;
  readonly maxLineBytes: number;
  readonly maxItems: number;
  /** Most bytes of one item line as the module reads it. */
  readonly maxItemBytes: number;
}

/** Generous for a batch file, small enough to be held in memory. */
export const INPUT_LIMITS: InputLimits = {
  maxBytes: 256 << 20,
  maxLineBytes: 16 << 20,
  maxItems: 1_000_000,
  maxItemBytes: 256 << 10,
};

/** One line of the input file, and the line of output that answers it. */
export interface InputRequest {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly customId: string;
  /** Model that the request names, if any. */
  readonly model: string | undefined;
  /** `null`: the result is handed out as it stands. */
  readonly encoding: "float" | "base64" | null;
  /** Its items: `count` of them from index `first` of the job. */
  readonly first: number;
  readonly count: number;
}

/** An input file, understood. */
export interface ParsedInput {
  readonly requests: readonly InputRequest[];
  /** Item lines as the module reads them, without newline, in input order. */
  readonly items: readonly Uint8Array[];
}

/**
 * Reads an input file. The whole file is refused at its first bad line: nothing is paid for by mistake.
 * @throws {InfernetError} `invalid_input` (with `details.line`) or `input_too_large`
 */
export function parseInput(file: Uint8Array, format: InputFormat, limits: InputLimits = INPUT_LIMITS): ParsedInput {
  const requests: InputRequest[] = [];
  const items: Uint8Array[] = [];
  const seen = new Map<string, number>();
  for (const { number, text } of inputLines(file, limits)) {
    // Empty lines hold no JSON value; in a text file they are empty items.
    if (format !== "txt" && text.trim() === "") continue;
    const request = parseRequest(text, format, number);
    const customId = request.customId ?? `line-${number}`;
    const before = seen.get(customId);
    if (before !== undefined)
      throw new InfernetError("invalid_input", `line ${number}: custom_id ${JSON.stringify(customId)} was used on line ${before}`, { details: { line: number } });
    seen.set(customId, number);
    const { model, encoding } = request;
    requests.push({ line: number, customId, model, encoding, first: items.length, count: request.items.length });
    for (const item of request.items) {
      const bytes = utf8(item);
      if (bytes.length > limits.maxItemBytes)
        throw new InfernetError("input_too_large", `line ${number}: an item has ${bytes.length} bytes, at most ${limits.maxItemBytes} allowed`, { details: { line: number } });
      items.push(bytes);
    }
    if (items.length > limits.maxItems)
      throw new InfernetError("input_too_large", `line ${number}: more than ${limits.maxItems} items`, { details: { line: number } });
  }
  if (items.length === 0) throw new InfernetError("invalid_input", "the input holds no item");
  return { requests, items };
}

/** The format that a file name stands for: `.txt` is text, everything else JSON Lines. */
export function inputFormat(fileName: string): InputFormat {
  return fileName.toLowerCase().endsWith(".txt") ? "txt" : "jsonl";
}
