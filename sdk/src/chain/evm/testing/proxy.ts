import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface JsonRpcRequest {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * What a proxy does with a request: `forward` it, `hold` it unanswered, forward it and hold the answer (`mute`),
 * answer `limit` (HTTP 429), answer with an error, or with a result.
 */
export type Verdict = "forward" | "hold" | "mute" | "limit" | "garbage" | { readonly error: { code: number; message: string } } | { readonly result: unknown };

/** An endpoint that stands between a port and a chain, and does what a test wants. */
export class RpcProxy {
  /** Everything that was asked, in order. */
  readonly requests: JsonRpcRequest[] = [];
  /** Decides about each request; forwards by default. */
  judge: (request: JsonRpcRequest) => Verdict | Promise<Verdict> = () => "forward";
  readonly #target: string;
  #server: Server | undefined;
  #port = 0;

  constructor(target: string) {
    this.#target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Begins to listen, at the same port as before. */
  async up(): Promise<this> {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(
        (answer) => {
          if (answer === null) return;
          response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
        },
        () => response.destroy(),
      );
    });
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Breaks every connection and refuses new ones. */
  async down(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Resolves with the next request of a method. */
  next(method: string): Promise<JsonRpcRequest> {
    const { promise, resolve } = Promise.withResolvers<JsonRpcRequest>();
    const before = this.judge;
    this.judge = (request) => {
      if (request.method === method) {
        this.judge = before;
        resolve(request);
      }
      return before(request);
    };
    return promise;
  }

  async #answer(incoming: IncomingMessage): Promise<{ status: number; body: string } | null> {
    const body = Buffer.concat(await incoming.toArray()).toString();
    const request = JSON.parse(body) as JsonRpcRequest;
    this.requests.push(request);
    const verdict = await this.judge(request);
    if (verdict === "hold") return null;
    if (verdict === "limit") return { status: 429, body: "slow down" };
    if (verdict === "garbage") return { status: 200, body: "<html>" };
    if (typeof verdict === "object") return { status: 200, body: JSON.stringify({ jsonrpc: "2.0", id: request.id, ...verdict }) };
    const response = await fetch(this.#target, { method: "POST", headers: { "content-type": "application/json" }, body });
    const text = await response.text();
    return verdict === "mute" ? null : { status: response.status, body: text };
  }
}
