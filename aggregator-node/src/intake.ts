import { InfernetError, type Hex32 } from "@infernet/sdk/core";
import type { ChainPort } from "@infernet/sdk/chain";
import type { Caller, IntakeAnswer, IntakeRequest, QuoteRequest } from "@infernet/sdk/net";
import type { Logger, NodeMetrics } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";
import { fetchContent, type ContentLimits } from "./content.ts";
import { checkPolicy, type Policy } from "./policy.ts";
import type { Relay } from "./relay.ts";

/** What the intake works with. */
export interface IntakeOptions {
  readonly port: ChainPort;
  readonly store: ContentStore;
  readonly relay: Relay;
  readonly log: Logger;
  readonly metrics?: Pick<NodeMetrics, "time">;
  /** Whether the operator wants no new work. */
  readonly draining?: () => boolean;
  readonly policy: Policy;
  readonly limits: ContentLimits;
  readonly quoteSeconds: number;
  readonly fetchTimeoutMs: number;
  /** Quotes that are worked on at a time. */
  readonly parallel: number;
  /** Own node; null before it is registered. */
  readonly node: () => number | null;
  /** What this node holds of a job's results. */
  readonly results: (job: Hex32) => Promise<IntakeAnswer>;
}

/** Quotes that wait for their turn; beyond that, clients are sent away. */
const MOST_WAITING = 64;
/** After a quote is over its job may still be on its way through a slow chain. */
const GRACE_SECONDS = 600;

/** Answers clients: what this node asks for a job, and what came of it. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #waiting: (() => void)[] = [];
  #working = 0;
  /** Bonds that quotes which are not over yet may take: manifest and nonce → wei of INFER. */
  readonly #reserved = new Map<string, { bond: bigint; until: number }>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  readonly handle = async (request: IntakeRequest, caller: Caller): Promise<IntakeAnswer> => {
    if (request.kind === "results") return this.#options.results(request.job);
    await this.#turn(caller.signal);
    try {
      const { metrics } = this.#options;
      return await (metrics === undefined ? this.#quote(request, caller) : metrics.time("quote", () => this.#quote(request, caller)));
    } finally {
      this.#working--;
      this.#waiting.shift()?.();
    }
  };

  /** Quotes that are being worked on. */
  get atWork(): number {
    return this.#working;
  }

  /** A quote has become a job: its bond is posted. */
  opened(manifest: Hex32, nonce: bigint): void {
    this.#reserved.delete(`${manifest}:${nonce}`);
  }

  async #quote({ terms, multiaddrs }: QuoteRequest, { peerId, signal }: Caller): Promise<IntakeAnswer> {
    const { port, store, relay, log, policy, limits, quoteSeconds, fetchTimeoutMs } = this.#options;
    const node = this.#options.node();
    // It may just have started: what passes must not look like a refusal.
    if (node === null) throw new InfernetError("peer_unreachable", "this node has not caught up with the chain yet, or is not registered");
    if (this.#options.draining?.() === true) throw new InfernetError("quote_refused", `node ${node} takes no new jobs: its operator drains it`);
    const before = await port.head();
    const { feeBps, bond } = await checkPolicy(port, node, terms, policy, this.#reservedAt(before.time));
    const content = await fetchContent(store, terms, limits, { from: multiaddrs, signal, timeoutMs: fetchTimeoutMs });
    const { time } = await port.head();
    const validUntil = Math.min(time + quoteSeconds, terms.deadline);
    await relay.keepInputs(content, validUntil + GRACE_SECONDS);
    const { signature } = await port.signQuote({ ...terms, aggregatorFeeBps: feeBps }, validUntil);
    this.#reserved.set(`${terms.manifest}:${terms.nonce}`, { bond, until: validUntil });
    log.info({ client: terms.client, peer: peerId, manifest: terms.manifest, items: terms.items, feeBps, validUntil }, "quoted");
    return { kind: "quote", aggregator: node, aggregatorFeeBps: feeBps, validUntil, signature, multiaddrs: store.addresses().slice(0, 16) };
  }

  #reservedAt(time: number): bigint {
    let sum = 0n;
    for (const [key, { bond, until }] of this.#reserved) {
      if (until < time) this.#reserved.delete(key);
      else sum += bond;
    }
    return sum;
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#working >= this.#options.parallel) {
      if (this.#waiting.length >= MOST_WAITING) throw new InfernetError("quote_refused", "too many clients are waiting; try again later");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#working++;
    if (!signal.aborted) return;
    this.#working--;
    this.#waiting.shift()?.();
    throw new InfernetError("aborted", "the client has left");
  }
}
