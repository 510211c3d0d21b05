import { z } from "zod";
import { encodeVector } from "@infernet/sdk/core";

/*
 * Results hold what the model computed and nothing else. Of what servers answer, everything is left out that is not
 * named here: `id`, `created`, `system_fingerprint`, `service_tier` and timings differ from call to call or host to
 * host, `usage.*_details` with what the server had in its cache, `logprobs` and `reasoning_content` with its settings.
 * Keys stand in one order, that of the objects made here.
 */

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const embeddingsSchema = z.object({
  data: z.array(z.object({ index: count, embedding: z.array(z.number()).min(1) })),
  usage: z.object({ prompt_tokens: count }),
});

const chatSchema = z.object({
  choices: z.tuple([
    z.object({
      index: z.literal(0),
      message: z.object({ role: z.literal("assistant"), content: z.string().nullable() }),
      // Whatever else ends a completion is the server's own affair.
      finish_reason: z.enum(["stop", "length"]),
    }),
  ]),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }),
});

/** Result of a text: its vector as `{"embedding": base64 of float32 LE, "tokens": n}`, the form of all embedding workloads. */
export function embeddingAnswer(answer: unknown): object {
  const { vectors, tokens } = vectorsOf(answer, 1);
  return { embedding: encodeVector(vectors[0]!), tokens };
}

/** Result of a request for embeddings, in OpenAI's form. */
export function embeddingsAnswer(answer: unknown, { count, encoding, model }: { count: number; encoding: "float" | "base64"; model: string }): object {
  const { vectors, tokens } = vectorsOf(answer, count);
  const data = vectors.map((vector, index) => ({ object: "embedding", index, embedding: encoding === "base64" ? encodeVector(vector) : Array.from(vector) }));
  return { object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

/** Result of a request for a completion, in OpenAI's form. */
export function chatAnswer(answer: unknown, model: string): object {
  const { choices: [choice], usage } = chatSchema.parse(answer);
  const { role, content } = choice.message;
  const { prompt_tokens, completion_tokens } = usage;
  return {
    object: "chat.completion",
    model,
    choices: [{ index: 0, message: { role, content }, finish_reason: choice.finish_reason }],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  };
}

/** Vectors of an answer in the order of their texts, as float32, which is what models compute in at most. */
function vectorsOf(answer: unknown, texts: number): { vectors: Float32Array[]; tokens: number } {
  const { data, usage } = embeddingsSchema.parse(answer);
  if (data.length !== texts) throw new Error(`${data.length} vectors for ${texts} texts`);
  const vectors = new Array<Float32Array | undefined>(texts).fill(undefined);
  for (const { index, embedding } of data) if (index < texts) vectors[index] = Float32Array.from(embedding);
  const dimensions = vectors[0]?.length;
  for (const vector of vectors)
    if (vector === undefined || vector.length !== dimensions || !vector.every(Number.isFinite)) throw new Error("a vector is missing, of another length than the others, or not finite");
  return { vectors: vectors as Float32Array[], tokens: usage.prompt_tokens };
}
