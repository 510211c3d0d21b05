import { throwIfAborted } from "@infernet/sdk/core";

/** Some units, taken until they are given back. */
export interface Lease extends Disposable {
  readonly units: readonly string[];
}

interface Waiting {
  readonly count: number;
  readonly serve: (lease: Lease) => void;
}

/** Named things, such as GPUs, of which each serves one use at a time. Who waits is served in the order of asking. */
export class Units {
  readonly size: number;
  readonly #free: string[];
  readonly #waiting: Waiting[] = [];

  constructor(names: readonly string[]) {
    this.size = names.length;
    this.#free = [...names];
  }

  /**
   * Takes some units as soon as there are enough, at most {@link size}.
   * @throws {InfernetError} `aborted` while waiting
   */
  async take(count: number, signal?: AbortSignal): Promise<Lease> {
    throwIfAborted(signal);
    const served = Promise.withResolvers<Lease | undefined>();
    const waiting: Waiting = { count, serve: served.resolve };
    const leave = (): void => {
      const index = this.#waiting.indexOf(waiting);
      if (index < 0) return;
      this.#waiting.splice(index, 1);
      served.resolve(undefined);
    };
    this.#waiting.push(waiting);
    signal?.addEventListener("abort", leave, { once: true });
    this.#serve();
    const lease = await served.promise;
    signal?.removeEventListener("abort", leave);
    this.#serve();
    if (lease !== undefined && !signal?.aborted) return lease;
    lease?.[Symbol.dispose]();
    throwIfAborted(signal);
    throw new Error("unreachable: only a signal ends the waiting");
  }

  #serve(): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.count <= this.#free.length) {
      const { count, serve } = this.#waiting.shift()!;
      serve(this.#lease(this.#free.splice(0, count)));
    }
  }

  #lease(units: readonly string[]): Lease {
    let held = true;
    return {
      units,
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#free.push(...units);
        this.#serve();
      },
    };
  }
}
