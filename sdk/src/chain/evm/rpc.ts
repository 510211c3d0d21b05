import { z } from "zod";
import { InfernetError } from "../../core/index.ts";

/** An answer that says no. */
export class RpcRefusal extends Error {
  override readonly name = "RpcRefusal";
  readonly code: number;
  /** Data of a revert, where the node gives any. */
  readonly data: string | undefined;

  constructor(method: string, code: number, message: string, data: string | undefined) {
    super(`${method}: ${message.slice(0, 500)} (${code})`);
    this.code = code;
    this.data = data;
  }
}

const answerSchema = z.union([
  z.object({ error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }) }),
  z.object({ result: z.unknown() }),
]);

/** How the endpoints of a chain are used. */
export interface RpcOptions {
  readonly urls: readonly string[];
  readonly chainId: number;
  /** Milliseconds that one answer may take. */
  readonly timeoutMs?: number;
}

/** Largest answer: logs of a wide range. */
const MAX_ANSWER_BYTES = 64 << 20;

/**
 * JSON-RPC over HTTP with failover: the endpoint that answered last is asked first, the others when it
 * does not answer. An endpoint is asked nothing before it has said that it serves the right chain.
 */
export class Rpc {
  readonly #urls: readonly string[];
  readonly #chainId: number;
  readonly #timeoutMs: number;
  readonly #checked = new Set<string>();
  readonly #closed = new AbortController();
  #current = 0;
  #id = 0;

  constructor({ urls, chainId, timeoutMs = 15_000 }: RpcOptions) {
    if (urls.length === 0) throw new InfernetError("config_invalid", "no RPC endpoint is given");
    // The URL itself is not shown: it may hold the key of a paid endpoint.
    if (!urls.every((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? ""))) throw new InfernetError("config_invalid", "an RPC endpoint is not an http(s) URL");
    this.#urls = urls;
    this.#chainId = chainId;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Asks one endpoint after another until one answers.
   * @throws {RpcRefusal} when an endpoint answers with an error
   * @throws {InfernetError} `chain_unreachable`, `chain_rate_limited`, `chain_mismatch`, `aborted` (closed)
   */
  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    const first = this.#current;
    let failure: InfernetError | undefined;
    for (let tried = 0; tried < this.#urls.length; tried++) {
      const index = (first + tried) % this.#urls.length;
      const url = this.#urls[index]!;
      try {
        await this.#check(url);
        const result = await this.#ask(url, method, params);
        this.#current = index;
        return result;
      } catch (error) {
        if (error instanceof RpcRefusal) this.#current = index;
        if (!(error instanceof InfernetError) || error.code === "aborted") throw error;
        // What passes counts more than what does not: an endpoint that is only down may come back.
        if (failure === undefined || !failure.retryable) failure = error;
      }
    }
    throw failure!;
  }

  /** Asks every endpoint for itself. Each answer fails as {@link call} does. */
  askEach(method: string, params: readonly unknown[]): Promise<unknown>[] {
    return this.#urls.map(async (url) => {
      await this.#check(url);
      return this.#ask(url, method, params);
    });
  }

  /** Ends every call under way, and refuses new ones. */
  close(): void {
    this.#closed.abort();
  }

  async #check(url: string): Promise<void> {
    if (this.#checked.has(url)) return;
    const id = Number(await this.#ask(url, "eth_chainId", []));
    if (id !== this.#chainId) throw new InfernetError("chain_mismatch", `${origin(url)} serves chain ${id}, not ${this.#chainId}`);
    this.#checked.add(url);
  }

  async #ask(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
    const { status, text } = await this.#post(url, JSON.stringify({ jsonrpc: "2.0", id: ++this.#id, method, params }));
    if (status === 429) throw new InfernetError("chain_rate_limited", `${origin(url)} limits requests`);
    const answer = answerSchema.safeParse(parseJson(text)).data;
    if (answer === undefined) throw new InfernetError("chain_unreachable", `${origin(url)} answers ${method} with HTTP ${status} and no JSON-RPC`);
    if ("result" in answer) return answer.result;
    const { code, message, data } = answer.error;
    if (/rate limit|too many requests|request limit/i.test(message)) throw new InfernetError("chain_rate_limited", `${origin(url)}: ${message.slice(0, 200)}`);
    throw new RpcRefusal(method, code, message, revertData(data));
  }

  async #post(url: string, body: string): Promise<{ status: number; text: string }> {
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(this.#timeoutMs)]);
    try {
      const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body, signal });
      return { status: response.status, text: await limitedText(response) };
    } catch (cause) {
      if (this.#closed.signal.aborted) throw new InfernetError("aborted", "the port is closed", { cause });
      throw new InfernetError("chain_unreachable", `${origin(url)} does not answer: ${reasonOf(cause)}`, { cause });
    }
  }
}

async function limitedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAX_ANSWER_BYTES) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Nodes put the data of a revert into `data`, or into an object in it. */
function revertData(data: unknown): string | undefined {
  if (typeof data === "string" && /^0x[0-9a-fA-F]*$/.test(data)) return data;
  if (typeof data === "object" && data !== null && "data" in data) return revertData(data.data);
  return undefined;
}

/** Without path and query: they hold the keys of paid endpoints. */
function origin(url: string): string {
  return URL.parse(url)?.origin ?? "the RPC endpoint";
}

function reasonOf(cause: unknown): string {
  const error = cause as Error & { cause?: { code?: string } };
  return error.cause?.code ?? error.message;
}
