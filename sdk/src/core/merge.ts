import { fromUtf8, utf8 } from "./bytes.ts";
import { sha256 } from "./digest.ts";
import { encodeVector, parseEmbedding } from "./embedding.ts";
import { errorOfLine } from "./failure.ts";
import { InfernetError } from "./errors.ts";
import type { InputRequest, ParsedInput } from "./input.ts";
import { joinLines } from "./lines.ts";

/** What a merge needs besides the input and its results. */
export interface MergeOptions {
  /** Makes the ids of the output deterministic; the job's id. */
  readonly job: string;
  /** Model named in the output where a request names none. */
  readonly model: string;
}

/** The error of one output line. */
interface LineError {
  readonly code: string;
  readonly message: string;
}

/** A map, since the codes come from a module that a stranger wrote. */
const MESSAGES = new Map(Object.entries({
  bad_input: "the model could not understand the input",
  trap: "the module trapped on the shard of this item",
  exit: "the module ended with an error on the shard of this item",
  line_count: "the module printed too few or too many results for the shard of this item",
  invalid_line: "the module printed something other than JSON for the shard of this item",
  line_too_long: "the module printed too long a result for the shard of this item",
  shard_refunded: "the shard of this item was refunded: its replicas did not agree",
  invalid_result: "the result is not an embedding",
}));

/**
 * Merges results into OpenAI's batch-result JSONL: one line a request, in input order, under its
 * custom_id. The same input and results always give the same bytes.
 * @param results - result line of each item, in order; null where the item's shard was refunded
 * @throws {InfernetError} `invalid_argument` when there is not one result for each item
 */
export function mergeResults(input: ParsedInput, results: readonly (Uint8Array | null)[], options: MergeOptions): Uint8Array {
  if (results.length !== input.items.length)
    throw new InfernetError("invalid_argument", `${results.length} results for ${input.items.length} items`);
  return joinLines(
    input.requests.map((request, index) => {
      const id = sha256(utf8(`${options.job}/${index}`)).slice(2, 34);
      const answer = body(request, results.slice(request.first, request.first + request.count), options.model);
      return utf8(
        JSON.stringify({
          id: `batch_req_${id}`,
          custom_id: request.customId,
          response: "error" in answer ? null : { status_code: 200, request_id: `req_${id}`, body: answer.body },
          error: "error" in answer ? answer.error : null,
        }),
      );
    }),
  );
}

/** All or nothing, as OpenAI answers a request: one bad item makes its whole line an error. */
function body(request: InputRequest, lines: readonly (Uint8Array | null)[], model: string): { body: unknown } | { error: LineError } {
  const data: unknown[] = [];
  let tokens = 0;
  for (const [index, line] of lines.entries()) {
    if (line === null) return failed("shard_refunded", request, index);
    const error = errorOfLine(line);
    if (error !== undefined) return failed(error, request, index);
    if (request.encoding === null) return { body: JSON.parse(fromUtf8(line)) };
    const embedding = parseEmbedding(line);
    if (embedding === undefined) return failed("invalid_result", request, index);
    // A float32 prints as the shortest text of the double that equals it, so readers get exact values.
    const value = request.encoding === "base64" ? encodeVector(embedding.vector) : Array.from(embedding.vector);
    data.push({ object: "embedding", index, embedding: value });
    tokens += embedding.tokens;
  }
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return { body: { object: "list", data, model: request.model ?? model, usage } };
}

function failed(code: string, request: InputRequest, index: number): { error: LineError } {
  const message = MESSAGES.get(code) ?? "the module reported an error";
  return { error: { code, message: request.count > 1 ? `input ${index}: ${message}` : message } };
}
