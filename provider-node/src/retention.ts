import { batchResultDocument, type Hex32 } from "@infernet/sdk/core";
import type { ChainEvent } from "@infernet/sdk/chain";
import type { Journal, Logger } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";
import { journaledSeats, type JournaledSeat } from "./seat-journal.ts";

/** Seconds of chain time between two sweeps. */
const PERIOD = 3600;

/** Lets go of results that nobody needs any more, and of inputs as soon as they have served. */
export class Retention {
  readonly #journal: Journal;
  readonly #store: ContentStore;
  readonly #log: Logger;
  readonly #seconds: number;
  readonly #closedAt = new Map<Hex32, number>();
  #sweptAt: number | undefined;

  /** @param seconds - how long results are served after their job has closed, in chain time */
  constructor(options: { journal: Journal; store: ContentStore; log: Logger; seconds: number }) {
    this.#journal = options.journal;
    this.#store = options.store;
    this.#log = options.log;
    this.#seconds = options.seconds;
  }

  /** Takes in events: the time counts from the end of a job. */
  apply(events: readonly ChainEvent[]): void {
    for (const event of events) if (event.type === "job-closed") this.#closedAt.set(event.job, event.at.time);
  }

  /**
   * Sweeps when it is time to; only while nothing is worked on, since a collection deletes all that is not pinned.
   * @param time - chain time, seconds
   */
  async sweep(time: number): Promise<void> {
    this.#sweptAt ??= time;
    if (time < this.#sweptAt + PERIOD) return;
    this.#sweptAt = time;
    try {
      for (const seat of journaledSeats(this.#journal)) {
        const closed = this.#closedAt.get(seat.job);
        if (closed === undefined || time < closed + this.#seconds) continue;
        await this.#release(seat);
      }
      await this.#store.collectGarbage();
    } catch (error) {
      this.#log.warn({ err: error }, "cannot let go of old results");
    }
  }

  async #release({ key, output: { dataDigest } }: JournaledSeat): Promise<void> {
    if (await this.#store.has(dataDigest, "document")) {
      const { results } = batchResultDocument.decode(await this.#store.getDocument(dataDigest));
      for (const { file } of results) await this.#store.unpin(file, "file");
      await this.#store.unpin(dataDigest, "document");
    }
    this.#journal.complete(key, "released");
  }
}
