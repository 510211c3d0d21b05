import { z } from "zod";

/*
 * What of OpenAI's requests is taken. Closed on purpose: a body goes to a server that trusts whoever asks, and servers
 * act on keys that their neighbours ignore (they fetch images by URL, run templates, load adapters).
 */

const model = z.string().min(1).max(200);
const user = z.string();

/** Body of a request to /v1/embeddings. Arrays of token ids are refused: they mean another text for another tokenizer. */
export const embeddingsBodySchema = z.strictObject({
  model: model.optional(),
  input: z.union([z.string(), z.array(z.string()).min(1).max(2048)], { error: "must be a text or a list of 1 to 2048 texts" }),
  encoding_format: z.enum(["float", "base64"]).optional(),
  user: user.optional(),
});

const tokens = z.number().int().min(1).max(2 ** 31 - 1);
const penalty = z.number().min(-2).max(2);

/** Body of a request to /v1/chat/completions: texts only, one choice, the likeliest token each time. */
export const chatBodySchema = z.strictObject({
  model: model.optional(),
  messages: z.array(z.strictObject({ role: z.enum(["developer", "system", "user", "assistant"]), content: z.string() })).min(1).max(4096),
  max_tokens: tokens.optional(),
  max_completion_tokens: tokens.optional(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(4)]).optional(),
  seed: z.number().int().min(0).max(2 ** 31 - 1).optional(),
  frequency_penalty: penalty.optional(),
  presence_penalty: penalty.optional(),
  response_format: z.strictObject({ type: z.enum(["text", "json_object"]) }).optional(),
  temperature: z.literal(0, { error: "must be 0: results have to be the same on every host" }).optional(),
  n: z.literal(1).optional(),
  stream: z.literal(false).optional(),
  user: user.optional(),
});

/** A checked body of a request for a completion. */
export type ChatBody = z.infer<typeof chatBodySchema>;
/** A checked body of a request for embeddings. */
export type EmbeddingsBody = z.infer<typeof embeddingsBodySchema>;

/** A line of OpenAI's batch API, under a custom_id that only clients look at. */
export const batchLineSchema = z.discriminatedUnion("url", [
  z.strictObject({ custom_id: z.string().min(1).max(512).optional(), method: z.literal("POST"), url: z.literal("/v1/embeddings"), body: embeddingsBodySchema }),
  z.strictObject({ custom_id: z.string().min(1).max(512).optional(), method: z.literal("POST"), url: z.literal("/v1/chat/completions"), body: chatBodySchema }),
]);
