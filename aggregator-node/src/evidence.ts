import { parseShardResult, type Hex32 } from "@infernet/sdk/core";
import { caseReplicas, shardItems, type CaseReplica, type JobView } from "@infernet/sdk/chain";
import { openConflict, type ConflictOpening, type Logger, type ReplicaLines } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";
import type { Collector } from "./collector.ts";

/** Opens conflicts from the result files that the collector holds. */
export class Evidence {
  readonly #store: ContentStore;
  readonly #collector: Collector;
  readonly #log: Logger;
  readonly #found = new Map<string, ConflictOpening>();
  readonly #seeking = new Set<string>();

  constructor(store: ContentStore, collector: Collector, log: Logger) {
    this.#store = store;
    this.#collector = collector;
    this.#log = log;
  }

  /**
   * Where two standing replicas of a shard differ.
   * @returns null while their files are not here, or are being compared; `onFound` is told when that is done
   */
  opening(job: JobView, shard: number, onFound: () => void): ConflictOpening | null {
    for (const [a, b] of differing(job, shard)) {
      const key = `${job.id}:${shard}:${a.replica}:${b.replica}:${a.root}:${b.root}`;
      const found = this.#found.get(key);
      if (found !== undefined) return found;
      const files = [a, b].map(({ root }) => this.#collector.file(job.id, shard, root!));
      if (files.some((file) => file === undefined) || this.#seeking.has(key)) continue;
      this.#seeking.add(key);
      this.#compare(job, shard, [a, b], files as Hex32[])
        .then((opening) => {
          if (opening === null) return;
          this.#found.set(key, opening);
          onFound();
        })
        .catch((err: unknown) => this.#log.warn({ job: job.id, shard, err }, "cannot compare replicas"))
        .finally(() => this.#seeking.delete(key));
    }
    return null;
  }

  async #compare(job: JobView, shard: number, replicas: readonly [CaseReplica, CaseReplica], files: readonly Hex32[]): Promise<ConflictOpening | null> {
    const items = shardItems(job.terms, shard);
    const lineBytes = await this.#collector.lineBytes(job);
    const lines = async (i: 0 | 1): Promise<ReplicaLines> => {
      const file = await this.#store.getFile(files[i]!, { maxBytes: items * (lineBytes + 1) });
      return { replica: replicas[i].replica, lines: parseShardResult(file, items, lineBytes), root: replicas[i].root! };
    };
    return openConflict(await lines(0), await lines(1));
  }
}

/** Pairs of standing replicas whose roots differ: with each of them the conflict can be opened. */
function* differing(job: JobView, shard: number): Generator<[CaseReplica, CaseReplica]> {
  const standing = caseReplicas(job, shard).filter(({ root, convicted }) => root !== null && !convicted);
  for (const [i, a] of standing.entries()) for (const b of standing.slice(i + 1)) if (a.root !== b.root) yield [a, b];
}
