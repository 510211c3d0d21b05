import { RpcProxy, type JsonRpcRequest, type Verdict } from "../../sdk/src/chain/evm/testing/proxy.ts";
import { seededRandom } from "./plan.ts";

/** What an endpoint does to a request instead of answering it; null: it answers. */
type Trouble = (request: JsonRpcRequest, ask: (request: JsonRpcRequest) => Promise<unknown>) => Promise<Verdict> | Verdict;

const BEHIND = 2;

/** Each with the share of the requests it may befall that it befalls. A request that is held is given up after 15 s: seldom, therefore. */
const TROUBLES: readonly { readonly name: string; readonly share: number; readonly of: (request: JsonRpcRequest) => boolean; readonly make: Trouble }[] = [
  { name: "silence", share: 0.0005, of: () => true, make: () => "hold" },
  { name: "limit", share: 0.01, of: () => true, make: () => "limit" },
  { name: "nonsense", share: 0.01, of: () => true, make: () => "garbage" },
  { name: "refusal", share: 0.01, of: ({ method }) => method.startsWith("eth_get"), make: () => ({ error: { code: -32000, message: "header not found" } }) },
  { name: "lost answer", share: 0.05, of: ({ method }) => method === "eth_sendRawTransaction", make: () => "mute" },
  {
    name: "old head",
    share: 0.02,
    of: ({ method, params }) => method === "eth_getBlockByNumber" && params[0] === "latest",
    make: async (request, ask) => {
      const { number } = (await ask(request)) as { number: string };
      return { result: await ask({ ...request, params: [`0x${Math.max(0, Number(number) - BEHIND).toString(16)}`, false] }) };
    },
  },
  {
    name: "doubled logs",
    share: 0.05,
    of: isLogs,
    make: async (request, ask) => {
      const logs = (await ask(request)) as unknown[];
      return { result: [...logs, ...logs] };
    },
  },
  { name: "missing logs", share: 0.05, of: isLogs, make: () => ({ result: [] }) },
];

function isLogs({ method }: JsonRpcRequest): boolean {
  return method === "eth_getLogs";
}

/** Two endpoints before one chain, both of them poor; the second one never keeps logs to itself. */
export class PoorEndpoints {
  readonly #random: () => number;
  readonly #target: string;
  readonly #counts = new Map<string, number>();
  #proxies: RpcProxy[] = [];

  constructor(target: string, seed: number) {
    this.#target = target;
    this.#random = seededRandom(seed);
  }

  /** @returns their URLs, with a comma between them */
  async open(): Promise<string> {
    this.#proxies = [await this.#endpoint(() => true), await this.#endpoint((name) => name !== "missing logs")];
    return this.#proxies.map(({ url }) => url).join(",");
  }

  /** How often each trouble befell a request. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort());
  }

  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.down()));
  }

  async #endpoint(may: (trouble: string) => boolean): Promise<RpcProxy> {
    const proxy = new RpcProxy(this.#target);
    proxy.judge = (request) => {
      proxy.requests.length = 0; // It would keep them all.
      for (const { name, share, of, make } of TROUBLES) {
        if (!may(name) || !of(request) || this.#random() >= share) continue;
        this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
        return make(request, (other) => this.#ask(other));
      }
      return "forward";
    };
    return proxy.up();
  }

  async #ask(request: JsonRpcRequest): Promise<unknown> {
    const response = await fetch(this.#target, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", ...request }) });
    return ((await response.json()) as { result: unknown }).result;
  }
}
