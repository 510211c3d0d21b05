import { LRUCache } from "lru-cache";
import type { Account, ChainPort } from "../../chain/index.ts";
import { InfernetError } from "../../core/index.ts";
import { RateLimit } from "./rate.ts";

/** What the chain says about who announces. */
export interface Standing {
  readonly operator: Account;
  /** Wei of INFER that can still be taken from the node: free, earmarked, bonded or frozen. */
  readonly stake: bigint;
}

const MOST = 4096;
/** A node may lose its stake: what was read counts so long. */
const GOOD_MS = 60_000;
/** It may just have registered. */
const BAD_MS = 5_000;
const READ_MS = 10_000;
/** Reads of nodes that are not known yet: whoever makes up nodes costs the RPC endpoint no more. */
const READS = { burst: 256, perSecond: 20 };

/** Reads of the chain about nodes: cached, bounded, one at a time for each node. */
export class Standings {
  readonly #port: Pick<ChainPort, "node">;
  readonly #known: LRUCache<number, Standing>;
  readonly #reading = new Map<number, Promise<Standing>>();
  readonly #reads: RateLimit;

  /** @param now - milliseconds */
  constructor(port: Pick<ChainPort, "node">, now: () => number = Date.now) {
    this.#port = port;
    this.#known = new LRUCache({ max: MOST, ttl: GOOD_MS, ttlResolution: 0, perf: { now } });
    this.#reads = new RateLimit(READS, now);
  }

  /** @throws {InfernetError} `chain_unreachable` and the like, or `chain_rate_limited` when too much is asked for */
  async of(node: number): Promise<Standing> {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const reading = this.#reading.get(node) ?? this.#start(node);
    return reading;
  }

  #start(node: number): Promise<Standing> {
    if (!this.#reads.take("")) return Promise.reject(new InfernetError("chain_rate_limited", "too many nodes are looked up"));
    const reading = this.#read(node).finally(() => this.#reading.delete(node));
    this.#reading.set(node, reading);
    return reading;
  }

  async #read(node: number): Promise<Standing> {
    const overdue = Promise.withResolvers<never>();
    const timer = setTimeout(() => overdue.reject(new InfernetError("chain_unreachable", `node ${node} could not be read within ${READ_MS} ms`)), READ_MS).unref();
    try {
      const { operator, stake } = await Promise.race([this.#port.node(node), overdue.promise]);
      const standing = { operator, stake: stake.free + stake.earmarked + stake.bonded + stake.frozen };
      this.#known.set(node, standing, { ttl: standing.stake > 0n ? GOOD_MS : BAD_MS });
      return standing;
    } finally {
      clearTimeout(timer);
    }
  }
}
