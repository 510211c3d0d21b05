import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";

/** A request as the server of the tests understands it. */
export interface Asked {
  readonly path: string;
  /** Texts to embed, or the last message of a conversation. */
  readonly texts: readonly string[];
  readonly body: { readonly model?: unknown; readonly seed?: unknown };
}

/** A "model": the first bytes of the text's hash, as four numbers that are float32 exactly. */
export function vectorOf(text: string): number[] {
  return [...createHash("sha256").update(text).digest().subarray(0, 4)].map((byte) => byte / 256 - 0.5);
}

/** Answers as servers do, with everything in it that differs from call to call. */
export function honestAnswer({ path, texts, body }: Asked): object {
  const noise = { id: `${Math.random()}`, created: Date.now(), system_fingerprint: `fp_${Math.random()}`, model: `${String(body.model)}:latest`, timings: { predicted_ms: performance.now() } };
  const usage = { total_tokens: 2 * texts.length, prompt_tokens: texts.length, completion_tokens: texts.length, prompt_tokens_details: { cached_tokens: Date.now() } };
  if (path === "/v1/embeddings") return { ...noise, usage, data: texts.map((text, index) => ({ embedding: vectorOf(text), index, object: "embedding" })).reverse(), object: "list" };
  const message = { tool_calls: [], content: `echo: ${texts[0]}, seed ${String(body.seed)}`, reasoning_content: null, role: "assistant" };
  return { ...noise, usage, choices: [{ finish_reason: "stop", stop_reason: null, logprobs: null, message, index: 0 }], object: "chat.completion" };
}

/** What a server can do wrong; the text of a request names it after a "#". */
export const MISCHIEF: Readonly<Record<string, (response: ServerResponse, asked: Asked, request: IncomingMessage) => void>> = {
  loop: () => {},
  dribble: (response) => {
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(timer));
  },
  flood: (response) => void Readable.from(endless()).pipe(response.on("error", () => {})),
  huge: (response) => response.writeHead(200, { "content-length": 2 ** 40 }).write("["),
  headers: (response) => response.writeHead(200, { "x-long": "x".repeat(1 << 20) }).end("{}"),
  unended: (response, asked) => {
    const text = JSON.stringify(honestAnswer(asked));
    response.writeHead(200, { "content-length": text.length + 1 }).write(text, () => response.destroy());
  },
  hangup: (_response, _asked, request) => request.socket.destroy(),
  redirect: (response) => response.writeHead(307, { location: "/elsewhere" }).end(),
  garbage: (response) => response.end("<html>It works!</html>"),
  zipped: (response, asked) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(JSON.stringify(honestAnswer(asked)))),
  bytes: (response) => response.end(Uint8Array.of(0x22, 0xff, 0x22)),
  nothing: (response) => response.end("null"),
  error200: (response) => reply(response, 200, { error: { message: "out of memory" } }),
  few: (response, asked) => reply(response, 200, { ...honestAnswer(asked), data: [], choices: [] }),
  many: (response, asked) => reply(response, 200, honestAnswer({ ...asked, texts: [...asked.texts, "one more"] })),
  twice: (response, asked) => reply(response, 200, { ...honestAnswer(asked), data: asked.texts.map(() => ({ index: 0, embedding: [1] })) }),
  far: (response, asked) => reply(response, 200, { ...honestAnswer(asked), data: asked.texts.map(() => ({ index: 2 ** 40, embedding: [1] })) }),
  ragged: (response, asked) => reply(response, 200, { ...honestAnswer(asked), data: asked.texts.map((_, index) => ({ index, embedding: new Array(index + 1).fill(1) })) }),
  infinite: (response) => response.end('{"data":[{"index":0,"embedding":[1e999]}],"usage":{"prompt_tokens":1}}'),
  beyond: (response) => reply(response, 200, { data: [{ index: 0, embedding: [1e300] }], usage: { prompt_tokens: 1 } }),
  untold: (response, asked) => reply(response, 200, { ...honestAnswer(asked), usage: undefined }),
  called: (response) => reply(response, 200, { choices: [{ index: 0, message: { role: "assistant", content: null }, finish_reason: "tool_calls" }], usage: { prompt_tokens: 1, completion_tokens: 1 } }),
  longline: (response, asked) => reply(response, 200, { ...honestAnswer(asked), data: [{ index: 0, embedding: new Array(4096).fill(0.5) }] }),
  exit: (response) => reply(response, 400, { error: { message: "This model's maximum context length is 8 tokens", type: "BadRequestError" } }),
  echoed: (response, _asked, request) => reply(response, 400, { error: { message: `you said ${request.headers.authorization}` } }),
  trap: (response) => reply(response, 500, { error: { message: "CUDA error" } }),
  busy: (response) => reply(response, 429, { error: { message: "slow down" } }),
  stranger: (response) => reply(response, 403, { error: { message: "forbidden" } }),
  missing: (response) => reply(response, 404, { error: { message: "model not found" } }),
};

/** Sends JSON. */
export function reply(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function* endless(): Generator<Buffer> {
  for (const chunk = Buffer.alloc(65536, "[0,"); ; ) yield chunk;
}
