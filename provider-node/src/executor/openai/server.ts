import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { z } from "zod";
import { fromUtf8, InfernetError, utf8 } from "@infernet/sdk/core";

/** What a server of the operator's is asked with. */
export interface OpenAiServerOptions {
  /** Base URL as OpenAI's clients take it: `http://127.0.0.1:8000/v1`. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly apiKey?: string;
  /** Most bytes of one answer. */
  readonly maxAnswerBytes: number;
}

/** An answer: a value, or why the server refuses the request as such. */
export type Answer = { readonly value: unknown } | { readonly refused: string };

/** Statuses by which a server says that the request itself is at fault. */
const REFUSED = new Set([400, 413, 422]);
/** Characters of a message of the server that go into a log. */
const MESSAGE_LENGTH = 300;

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/**
 * Speaks to one OpenAI-compatible server. Follows no redirect, unpacks no encoding, uses no proxy, and reads no more
 * than it has room for. Errors never hold the key.
 */
export class OpenAiServer {
  readonly #options: OpenAiServerOptions;
  readonly #base: URL;

  constructor(options: OpenAiServerOptions) {
    this.#options = options;
    this.#base = new URL(options.url);
  }

  /** Names of the models that it offers. @throws {InfernetError} `runtime_unavailable`, `execution_failed` */
  async models(signal: AbortSignal): Promise<string[]> {
    const answer = await this.#call("GET", "/v1/models", undefined, signal);
    const parsed = "value" in answer ? modelsSchema.safeParse(answer.value) : undefined;
    if (!parsed?.success) throw new InfernetError("runtime_unavailable", `${this.#name("/v1/models")} does not answer with a list of models`);
    return parsed.data.data.map(({ id }) => id);
  }

  /**
   * Asks for an answer to a body.
   * @throws {InfernetError} `runtime_unavailable` for what another try will not change, `execution_failed` for what it may
   */
  ask(path: string, body: object, signal: AbortSignal): Promise<Answer> {
    return this.#call("POST", path, utf8(JSON.stringify(body)), signal);
  }

  async #call(method: string, path: string, body: Uint8Array | undefined, signal: AbortSignal): Promise<Answer> {
    const name = this.#name(path);
    const { status, body: said } = await this.#send(method, path, body, signal).then((response) => read(response, this.#options.maxAnswerBytes)).catch((cause: Error) => {
      throw new InfernetError("execution_failed", `${name} cannot be reached, or broke off: ${cause.message}`, { cause, hint: "Start the server, and look at its log." });
    });
    if (said === undefined) throw new InfernetError("runtime_unavailable", `the answer of ${name} has more than the ${this.#options.maxAnswerBytes} bytes that this node reads`);
    if (status === 200) return { value: parse(name, said) };
    const message = this.#quote(said);
    if (REFUSED.has(status)) return { refused: message };
    if (status >= 500 || status === 429 || status === 408) throw new InfernetError("execution_failed", `${name} answers with ${status}: ${message}`, { hint: "Look at the server's log." });
    throw new InfernetError("runtime_unavailable", `${name} answers with ${status}: ${message}`, { hint: "Correct openaiUrl, openaiKeyFile or openaiModels; redirects are not followed." });
  }

  #send(method: string, path: string, body: Uint8Array | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    const { apiKey } = this.#options;
    const headers = {
      accept: "application/json",
      "accept-encoding": "identity",
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": body.length }),
    };
    const send = this.#base.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      // A connection of its own: one that the server has just closed would look like a server that is gone.
      const request = send(this.#at(path), { method, headers, signal, agent: false }, resolve);
      request.on("error", reject);
      request.end(body);
    });
  }

  /** The beginning of what the server says, for the operator's log: on one line, and without the key. */
  #quote(bytes: Uint8Array): string {
    const text = new TextDecoder().decode(bytes);
    const { apiKey } = this.#options;
    return JSON.stringify((apiKey === undefined ? text : text.replaceAll(apiKey, "…")).slice(0, MESSAGE_LENGTH));
  }

  /** Paths begin with /v1, as the base does end with it. */
  #at(path: string): URL {
    const url = new URL(this.#base);
    url.pathname = this.#base.pathname.replace(/\/v1\/?$/, "") + path;
    return url;
  }

  #name(path: string): string {
    return `the server at ${this.#at(path)}`;
  }
}

/** Status and body of a response; no body where it is longer than that, and its connection is closed. */
async function read(response: IncomingMessage, maxBytes: number): Promise<{ status: number; body: Uint8Array | undefined }> {
  const status = response.statusCode!;
  const chunks: Uint8Array[] = [];
  let length = Number(response.headers["content-length"] ?? 0) > maxBytes ? Infinity : 0;
  if (length === 0)
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > maxBytes) break;
      chunks.push(chunk);
    }
  response.destroy();
  return { status, body: length > maxBytes ? undefined : Buffer.concat(chunks) };
}

function parse(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new InfernetError("execution_failed", `${name} answers with something other than JSON`, { cause });
  }
}
