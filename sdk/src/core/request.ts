import { z } from "zod";
import { InfernetError } from "./errors.ts";
import type { InputFormat } from "./input.ts";
import { batchLineSchema, type ChatBody } from "./openai-request.ts";

/** A line of the input, understood, with the item lines that it asks for. */
export interface ParsedRequest {
  readonly customId: string | undefined;
  readonly model: string | undefined;
  readonly encoding: "float" | "base64" | null;
  readonly items: readonly string[];
}

const customIdSchema = z.string().min(1).max(512);

const textSchema = z.strictObject({ text: z.string(), custom_id: customIdSchema.optional() });

/** As OpenAI's batch API takes it: there, every request has a name and a model. */
const batchSchema = z.intersection(batchLineSchema, z.object({ custom_id: customIdSchema, body: z.object({ model: z.string() }) }));

/**
 * Understands one line of the input.
 * @param number - line in the file, for messages
 * @throws {InfernetError} `invalid_input` with `details.line`
 */
export function parseRequest(text: string, format: InputFormat, number: number): ParsedRequest {
  if (format === "txt") return embedding(undefined, undefined, "float", [text]);
  const value = parseJson(text, number);
  if (format === "raw") return { customId: undefined, model: undefined, encoding: null, items: [JSON.stringify(value)] };
  if (typeof value === "object" && value !== null && "text" in value) {
    const { text: item, custom_id } = check(textSchema, value, number);
    return embedding(custom_id, undefined, "float", [item]);
  }
  const { custom_id, url, body } = check(batchSchema, value, number);
  if (url === "/v1/chat/completions") return chat(custom_id, body);
  const inputs = typeof body.input === "string" ? [body.input] : body.input;
  return embedding(custom_id, body.model, body.encoding_format ?? "float", inputs);
}

function embedding(
  customId: string | undefined,
  model: string | undefined,
  encoding: "float" | "base64",
  texts: readonly string[],
): ParsedRequest {
  return { customId, model, encoding, items: texts.map((text) => JSON.stringify({ text })) };
}

/** The request itself is the item, without its names: the job says which model answers. */
function chat(customId: string, { model, ...body }: ChatBody): ParsedRequest {
  return { customId, model, encoding: null, items: [JSON.stringify({ method: "POST", url: "/v1/chat/completions", body })] };
}

function parseJson(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InfernetError("invalid_input", `line ${number} is not JSON: ${(cause as Error).message}`, { cause, details: { line: number } });
  }
}

function check<S extends z.ZodType>(schema: S, value: unknown, number: number): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = issue.path.join(".");
  throw new InfernetError("invalid_input", `line ${number}: ${path ? `${path}: ` : ""}${issue.message}`, {
    details: { line: number, path },
  });
}
