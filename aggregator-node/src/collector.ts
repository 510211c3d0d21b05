import { InfernetError, isInfernetError, manifestDocument, type Digest, type Hex32 } from "@infernet/sdk/core";
import { shardItems, shardsOfSeat, type BatchView, type Directory, type JobView, type SeatView } from "@infernet/sdk/chain";
import { fetchBatchResult, fetchShardResult } from "@infernet/sdk/net";
import type { Logger, NodeMetrics } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";
import type { Relay } from "./relay.ts";

/** What the collector works with. */
export interface CollectorOptions {
  readonly store: ContentStore;
  readonly relay: Relay;
  readonly directory: Directory;
  readonly log: Logger;
  readonly metrics?: Pick<NodeMetrics, "time">;
  readonly signal: AbortSignal;
  readonly fetchTimeoutMs: number;
  /** Told when a result has arrived. */
  readonly onArrival: (job: Hex32) => void;
}

interface SeatState {
  running: boolean;
  done: boolean;
  failures: number;
  /** Chain time, seconds. */
  notBefore: number;
}

interface JobFiles {
  /** `shard:root` → digest of a result file that leads to it. */
  readonly files: Map<string, Digest>;
  readonly seats: Map<string, SeatState>;
  lineBytes: Promise<number> | undefined;
}

const PARALLEL = 8;
const LONGEST_PAUSE = 60;

/**
 * Fetches the results that committee members show, holds them against the roots on chain, and keeps
 * them: for clients, and as evidence where replicas differ. What it knows can be fetched again.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #jobs = new Map<Hex32, JobFiles>();
  #running = 0;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Digest of a result file of a shard that leads to a root; undefined while there is none here. */
  file(job: Hex32, shard: number, root: Hex32): Digest | undefined {
    return this.#jobs.get(job)?.files.get(`${shard}:${root}`);
  }

  /** Most bytes of a result line of a job. */
  async lineBytes(view: JobView): Promise<number> {
    const known = this.#of(view.id);
    known.lineBytes ??= this.#readLineBytes(view).catch((error: unknown) => {
      known.lineBytes = undefined;
      throw error;
    });
    return known.lineBytes;
  }

  /** Begins to fetch what has been shown and is not here. @param time - chain time, seconds */
  offer(view: JobView, time: number): void {
    const { seats, files } = this.#of(view.id);
    for (const batch of view.batches.values()) {
      if (batch.extra !== undefined && batch.extra.kind !== "replacement") continue;
      for (const [position, seat] of batch.seats.entries()) {
        if (seat.revealed === undefined) continue;
        const key = `${batch.number}:${position}`;
        const state = seats.get(key) ?? { running: false, done: false, failures: 0, notBefore: 0 };
        seats.set(key, state);
        if (state.done || state.running || time < state.notBefore || this.#running >= PARALLEL || this.#options.signal.aborted) continue;
        const wanted = shardsOfSeat(view, batch.number, position).filter((shard, i) => !files.has(`${shard}:${seat.revealed!.roots[i]}`));
        if (wanted.length === 0) state.done = true;
        else void this.#collect(view, batch, position, seat, state, time);
      }
    }
  }

  /** Fetches everything that was agreed on and waits for it; what cannot be had is left out. */
  async collectNow(view: JobView): Promise<void> {
    const tasks: Promise<void>[] = [];
    for (const batch of view.batches.values()) {
      if (batch.extra !== undefined && batch.extra.kind !== "replacement") continue;
      batch.seats.forEach((seat, position) => {
        if (seat.revealed !== undefined) tasks.push(this.#collect(view, batch, position, seat, { running: false, done: false, failures: 0, notBefore: 0 }, 0));
      });
    }
    await Promise.all(tasks);
  }

  forget(job: Hex32): void {
    this.#jobs.delete(job);
  }

  async #collect(view: JobView, batch: BatchView, position: number, seat: SeatView, state: SeatState, time: number): Promise<void> {
    const { log, onArrival, signal, metrics } = this.#options;
    state.running = true;
    this.#running++;
    try {
      const fetch = () => this.#fetch(view, batch, position, seat);
      await (metrics === undefined ? fetch() : metrics.time("collect", fetch));
      state.done = true;
      onArrival(view.id);
    } catch (error) {
      if (signal.aborted) return;
      const given = isInfernetError(error) && !error.retryable;
      // What a member serves is wrong, or it serves nothing: others have the same root, or the panel decides.
      state.done = given;
      state.notBefore = time + Math.min(2 ** ++state.failures, LONGEST_PAUSE);
      log[given ? "warn" : "debug"]({ job: view.id, batch: batch.number, position, err: error }, "cannot collect a result");
    } finally {
      state.running = false;
      this.#running--;
    }
  }

  async #fetch(view: JobView, batch: BatchView, position: number, { member, revealed }: SeatView): Promise<void> {
    const { store, relay, directory, signal, fetchTimeoutMs } = this.#options;
    const { files } = this.#of(view.id);
    const { roots, dataDigest } = revealed!;
    const node = directory.nodeOf(view.terms.pool, member);
    const from = { from: node === undefined ? [] : directory.multiaddrs(node), timeoutMs: fetchTimeoutMs, signal };
    const lineBytes = await this.lineBytes(view);
    const document = await fetchBatchResult(store, { job: view.id, batch: batch.number, dataDigest }, from);
    const kept: Digest[] = [];
    for (const [i, shard] of shardsOfSeat(view, batch.number, position).entries()) {
      const root = roots[i]!;
      const entry = document.results.find((result) => result.shard === shard && result.root === root);
      if (entry === undefined) throw new InfernetError("invalid_result", `the batch result does not name shard ${shard} with the root that was shown`);
      if (files.has(`${shard}:${root}`)) continue;
      await fetchShardResult(store, entry.file, { items: shardItems(view.terms, shard), lineBytes, root }, from);
      kept.push(entry.file);
      files.set(`${shard}:${root}`, entry.file);
    }
    await relay.keepResults(view.terms.manifest, view.id, `${batch.number}.${position}`, kept, [dataDigest]);
  }

  async #readLineBytes(view: JobView): Promise<number> {
    const { store, directory, signal, fetchTimeoutMs } = this.#options;
    const from = [...view.locators, ...directory.multiaddrs(view.aggregator)];
    const bytes = await store.getDocument(view.terms.manifest, { from, signal, timeoutMs: fetchTimeoutMs, maxBytes: manifestDocument.maxBytes });
    return manifestDocument.decode(bytes).limits.lineBytes;
  }

  #of(job: Hex32): JobFiles {
    let found = this.#jobs.get(job);
    if (found === undefined) this.#jobs.set(job, (found = { files: new Map(), seats: new Map(), lineBytes: undefined }));
    return found;
  }
}
