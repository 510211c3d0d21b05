import { z } from "zod";
import { batchLineSchema, fromUtf8, type ChatBody, type EmbeddingsBody } from "@infernet/sdk/core";
import { chatAnswer, embeddingAnswer, embeddingsAnswer } from "./answer.ts";
import type { Service } from "./service.ts";

/** What to send for an item, and how its answer becomes a result. */
export interface Question {
  readonly body: object;
  /** The canonical result. @throws {Error} where the answer is not one to this question */
  read(answer: unknown): object;
}

const textSchema = z.strictObject({ text: z.string() });
const itemSchema = z.union([textSchema, batchLineSchema]);

/**
 * Understands an item: `{"text": …}` for embeddings, or a request of the batch API. What is sent is made anew out of
 * what was understood; the model, the sampling and the largest number of tokens are the job's.
 * @returns undefined for what is no request to the model and the endpoint of the job
 */
export function questionOf(item: Uint8Array, service: Service, maxTokens: number): Question | undefined {
  const parsed = itemSchema.safeParse(parseJson(item));
  if (!parsed.success) return undefined;
  const asked = parsed.data;
  if ("text" in asked) return service.endpoint === "/v1/embeddings" ? textQuestion(asked.text, service) : undefined;
  if (asked.url !== service.endpoint || (asked.body.model ?? service.model.name) !== service.model.name) return undefined;
  return asked.url === "/v1/embeddings" ? embeddingsQuestion(asked.body, service) : chatQuestion(asked.body, service, maxTokens);
}

/** Every server understands floats; not every one the other encoding. */
function embeddingsBody(input: string | string[], { model }: Service): object {
  return { model: model.name, input, encoding_format: "float" };
}

function textQuestion(text: string, service: Service): Question {
  return { body: embeddingsBody(text, service), read: embeddingAnswer };
}

function embeddingsQuestion({ input, encoding_format = "float" }: EmbeddingsBody, service: Service): Question {
  const count = typeof input === "string" ? 1 : input.length;
  return { body: embeddingsBody(input, service), read: (answer) => embeddingsAnswer(answer, { count, encoding: encoding_format, model: service.model.name }) };
}

function chatQuestion(body: ChatBody, { model, sampling }: Service, maxTokens: number): Question {
  const { messages, max_tokens = maxTokens, max_completion_tokens = maxTokens, seed = sampling.seed, stop, frequency_penalty, presence_penalty, response_format } = body;
  const most = Math.min(max_tokens, max_completion_tokens, maxTokens);
  // JSON leaves out what is undefined.
  const sent = { model: model.name, messages, max_tokens: most, temperature: sampling.temperature, seed, stop, frequency_penalty, presence_penalty, response_format, stream: false };
  return { body: sent, read: (answer) => chatAnswer(answer, model.name) };
}

function parseJson(item: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(item));
  } catch {
    return undefined;
  }
}
