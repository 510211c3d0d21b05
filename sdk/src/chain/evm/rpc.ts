import { InfernetError } from "../../core/index.ts";
import { UNOBSERVED, type PortObserver } from "../observer.ts";
import { Endpoint, RpcRefusal } from "./endpoint.ts";

/** How the endpoints of a chain are used. */
export interface RpcOptions {
  readonly urls: readonly string[];
  readonly chainId: number;
  /** Milliseconds that one answer may take. */
  readonly timeoutMs?: number;
  readonly observer?: Pick<PortObserver, "rpc">;
}

/** Milliseconds that a second opinion is worth waiting for. */
const WITNESS_MS = 2_000;

/**
 * JSON-RPC with failover: the endpoint that answered last is asked first, the others when it does not
 * answer, those that have failed lately at the end.
 */
export class Rpc {
  readonly #endpoints: readonly Endpoint[];
  readonly #closed = new AbortController();
  #current: Endpoint;

  /** @throws {InfernetError} `config_invalid` */
  constructor({ urls, chainId, timeoutMs = 15_000, observer = UNOBSERVED }: RpcOptions) {
    if (urls.length === 0) throw new InfernetError("config_invalid", "no RPC endpoint is given");
    this.#endpoints = urls.map((url) => new Endpoint(url, { chainId, timeoutMs, signal: this.#closed.signal, observer }));
    this.#current = this.#endpoints[0]!;
  }

  /**
   * Asks one endpoint after another until one answers.
   * @throws {RpcRefusal} when an endpoint answers with an error
   * @throws {InfernetError} `chain_unreachable`, `chain_rate_limited`, `chain_mismatch`, `aborted` (closed)
   */
  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    let failure: InfernetError | undefined;
    for (const endpoint of this.#inOrder()) {
      try {
        const result = await endpoint.ask(method, params);
        this.#current = endpoint;
        return result;
      } catch (error) {
        if (error instanceof RpcRefusal) this.#current = endpoint;
        if (!(error instanceof InfernetError) || error.code === "aborted") throw error;
        endpoint.rest();
        // What passes counts more than what does not: an endpoint that is only down may come back.
        if (failure === undefined || !failure.retryable) failure = error;
      }
    }
    throw failure!;
  }

  /** What another endpoint than the one in use answers; undefined when none does, or not soon. */
  async witness(method: string, params: readonly unknown[]): Promise<unknown> {
    const other = this.#inOrder().find((endpoint) => endpoint !== this.#current && !endpoint.resting);
    try {
      return await other?.ask(method, params, WITNESS_MS);
    } catch (error) {
      if (!(error instanceof RpcRefusal)) other!.rest();
      return undefined;
    }
  }

  /**
   * What the endpoint in use says cannot be right: others are asked before it for a while.
   * @returns its origin; undefined when there is no other
   */
  doubt(): string | undefined {
    if (this.#endpoints.length === 1) return undefined;
    const { origin } = this.#current;
    this.#current.rest();
    this.#current = this.#inOrder()[0]!;
    return origin;
  }

  /** Asks every endpoint for itself. Each answer fails as {@link call} does. */
  askEach(method: string, params: readonly unknown[]): Promise<unknown>[] {
    return this.#endpoints.map((endpoint) => endpoint.ask(method, params));
  }

  /** Ends every call under way, and refuses new ones. */
  close(): void {
    this.#closed.abort();
  }

  #inOrder(): Endpoint[] {
    const at = this.#endpoints.indexOf(this.#current);
    const rotated = [...this.#endpoints.slice(at), ...this.#endpoints.slice(0, at)];
    return [...rotated.filter(({ resting }) => !resting), ...rotated.filter(({ resting }) => resting)];
  }
}
