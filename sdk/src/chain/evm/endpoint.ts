import { z } from "zod";
import { InfernetError } from "../../core/index.ts";
import type { PortObserver } from "../observer.ts";

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

/** Largest answer: logs of a wide range. */
const MAX_ANSWER_BYTES = 64 << 20;
/** Milliseconds that an endpoint rests after its first failure in a row; each further one doubles it. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

/** What all endpoints of a chain have in common. */
export interface EndpointOptions {
  readonly chainId: number;
  /** Milliseconds that one answer may take. */
  readonly timeoutMs: number;
  /** Ends every call under way, and refuses new ones. */
  readonly signal: AbortSignal;
  readonly observer: Pick<PortObserver, "rpc">;
}

/** One JSON-RPC endpoint over HTTP. It is asked nothing before it has said that it serves the right chain. */
export class Endpoint {
  /** Without path and query: they hold the keys of paid endpoints. */
  readonly origin: string;
  readonly #url: string;
  readonly #options: EndpointOptions;
  #checked = false;
  #failures = 0;
  #restUntil = 0;
  #id = 0;

  /** @throws {InfernetError} `config_invalid` */
  constructor(url: string, options: EndpointOptions) {
    // The URL itself is not shown: it may hold the key of a paid endpoint.
    const { protocol = "", origin = "" } = URL.parse(url) ?? {};
    if (!/^https?:$/.test(protocol)) throw new InfernetError("config_invalid", "an RPC endpoint is not an http(s) URL");
    this.origin = origin;
    this.#url = url;
    this.#options = options;
  }

  /** Whether it has failed so lately that others are asked before it. */
  get resting(): boolean {
    return performance.now() < this.#restUntil;
  }

  /** Lets others be asked before this one for a while. */
  rest(): void {
    this.#restUntil = performance.now() + Math.min(FIRST_REST_MS * 2 ** this.#failures++, LONGEST_REST_MS);
  }

  /**
   * @param timeoutMs - milliseconds, if fewer than usual
   * @throws {RpcRefusal} when it answers with an error
   * @throws {InfernetError} `chain_unreachable`, `chain_rate_limited`, `chain_mismatch`, `aborted` (closed)
   */
  async ask(method: string, params: readonly unknown[], timeoutMs = this.#options.timeoutMs): Promise<unknown> {
    if (!this.#checked) await this.#check(timeoutMs);
    const result = await this.#ask(method, params, timeoutMs);
    this.#failures = 0;
    return result;
  }

  async #check(timeoutMs: number): Promise<void> {
    const id = Number(await this.#ask("eth_chainId", [], timeoutMs));
    if (id !== this.#options.chainId) throw new InfernetError("chain_mismatch", `${this.origin} serves chain ${id}, not ${this.#options.chainId}`);
    this.#checked = true;
  }

  async #ask(method: string, params: readonly unknown[], timeoutMs: number): Promise<unknown> {
    const { observer } = this.#options;
    try {
      const result = await this.#exchange(method, params, timeoutMs);
      observer.rpc("answered");
      return result;
    } catch (error) {
      observer.rpc(error instanceof InfernetError ? error.code : "refused");
      throw error;
    }
  }

  async #exchange(method: string, params: readonly unknown[], timeoutMs: number): Promise<unknown> {
    const { status, text } = await this.#post(JSON.stringify({ jsonrpc: "2.0", id: ++this.#id, method, params }), timeoutMs);
    if (status === 429) throw new InfernetError("chain_rate_limited", `${this.origin} limits requests`);
    const answer = answerSchema.safeParse(parseJson(text)).data;
    if (answer === undefined) throw new InfernetError("chain_unreachable", `${this.origin} answers ${method} with HTTP ${status} and no JSON-RPC`);
    if ("result" in answer) return answer.result;
    const { code, message, data } = answer.error;
    if (/rate limit|too many requests|request limit/i.test(message)) throw new InfernetError("chain_rate_limited", `${this.origin}: ${message.slice(0, 200)}`);
    throw new RpcRefusal(method, code, message, revertData(data));
  }

  async #post(body: string, timeoutMs: number): Promise<{ status: number; text: string }> {
    const closed = this.#options.signal;
    try {
      const signal = AbortSignal.any([closed, AbortSignal.timeout(timeoutMs)]);
      const response = await fetch(this.#url, { method: "POST", headers: { "content-type": "application/json" }, body, signal });
      return { status: response.status, text: await limitedText(response) };
    } catch (cause) {
      if (closed.aborted) throw new InfernetError("aborted", "the port is closed", { cause });
      throw new InfernetError("chain_unreachable", `${this.origin} does not answer: ${reasonOf(cause)}`, { cause });
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

function reasonOf(cause: unknown): string {
  const error = cause as Error & { cause?: { code?: string } };
  return error.cause?.code ?? error.message;
}
