import type { CID } from "multiformats/cid";
import type { Bitswap } from "./bitswap.ts";

/** A block that is being fetched, and who waits for it. */
interface Flight {
  readonly cid: CID;
  readonly done: Promise<Uint8Array>;
  readonly finish: (block: Uint8Array) => void;
  /** Gives up; the promise stays open, since nobody waits for it any more. */
  readonly cancel: () => void;
  /** Asks anew when the want has got lost. */
  readonly renew: () => void;
  waiting: number;
}

/**
 * Fetches blocks by bitswap, each only once however many ask for it. A want stays open until the
 * block is here or nobody waits any more; {@link nudge} repairs wants that have got lost.
 */
export class BlockFetcher {
  readonly #bitswap: Bitswap;
  readonly #store: (cid: CID, block: Uint8Array) => Promise<void>;
  readonly #flights = new Map<string, Flight>();

  /** @param store - keeps a block that arrived; its digest has been checked */
  constructor(bitswap: Bitswap, store: (cid: CID, block: Uint8Array) => Promise<void>) {
    this.#bitswap = bitswap;
    this.#store = store;
  }

  /** Waits for a block from peers. Rejects with the reason of `signal` when that fires first. */
  async fetch(cid: CID, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const key = cid.toString();
    const flight = this.#flights.get(key) ?? this.#start(key, cid);
    flight.waiting++;
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([flight.done, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      if (--flight.waiting === 0) this.#end(key, flight);
    }
  }

  /** Hands a block that was stored here to those who wait for it. */
  arrived(cid: CID, block: Uint8Array): void {
    this.#flights.get(cid.toString())?.finish(block);
  }

  /** Renews wants that bitswap has dropped. */
  nudge(): void {
    for (const flight of this.#flights.values()) if (!this.#bitswap.isWanted(flight.cid)) flight.renew();
  }

  #start(key: string, cid: CID): Flight {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    promise.catch(() => {}); // It may fail just when nobody waits any more.
    let attempt = new AbortController();
    const ask = () => {
      const { signal } = attempt;
      this.#bitswap
        .want(cid, { signal })
        .then(async (block) => {
          await this.#store(cid, block);
          resolve(block);
        })
        .catch((error: unknown) => {
          if (!signal.aborted) reject(error);
        });
    };
    const flight: Flight = {
      cid,
      done: promise,
      finish: resolve,
      cancel: () => attempt.abort(),
      renew: () => {
        attempt.abort();
        attempt = new AbortController();
        ask();
      },
      waiting: 0,
    };
    this.#flights.set(key, flight);
    ask();
    return flight;
  }

  #end(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    flight.cancel();
  }
}
