import { batchResultDocument, InfernetError, parseShardResult, type Hex32 } from "@infernet/sdk/core";
import { caseReplicas, shardItems, type CaseReplica, type Directory, type JobView } from "@infernet/sdk/chain";
import { openConflict, type ConflictOpening, type Logger, type ReplicaLines } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";

const MAX_LINE_BYTES = 1 << 20;

/**
 * Gathers the result files of replicas that differ, so that somebody can open the conflict also
 * where no aggregator does. Fetches in the background; `opening` answers from what is here.
 */
export class Evidence {
  readonly #store: ContentStore;
  readonly #directory: Directory;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #found = new Map<string, ConflictOpening>();
  readonly #seeking = new Set<string>();

  constructor(options: { store: ContentStore; directory: Directory; log: Logger; signal: AbortSignal }) {
    this.#store = options.store;
    this.#directory = options.directory;
    this.#log = options.log;
    this.#signal = options.signal;
  }

  /** The opening of a conflict; null while the files are not here, which makes it look for them. */
  opening(job: JobView, shard: number, onFound: () => void): ConflictOpening | null {
    const pair = differing(job, shard);
    if (pair === null) return null;
    const key = `${job.id}:${shard}:${pair.map(({ root }) => root).join(":")}`;
    const found = this.#found.get(key);
    if (found === undefined && !this.#seeking.has(key)) {
      this.#seeking.add(key);
      void this.#seek(job, shard, pair)
        .then((opening) => {
          if (opening === null) return;
          this.#found.set(key, opening);
          onFound();
        })
        .catch((err: unknown) => this.#log.debug({ job: job.id, shard, err }, "no evidence yet"))
        .finally(() => this.#seeking.delete(key));
    }
    return found ?? null;
  }

  async #seek(job: JobView, shard: number, pair: readonly [CaseReplica, CaseReplica]): Promise<ConflictOpening | null> {
    const [a, b] = await Promise.all(pair.map((replica) => this.#lines(job, shard, replica)));
    return openConflict(a!, b!);
  }

  async #lines(job: JobView, shard: number, { replica, member, root, dataDigest }: CaseReplica): Promise<ReplicaLines> {
    const node = this.#directory.nodeOf(job.terms.pool, member!);
    const sources = { from: node === undefined ? [] : this.#directory.multiaddrs(node), signal: this.#signal };
    const document = batchResultDocument.decode(await this.#store.getDocument(dataDigest!, { ...sources, maxBytes: batchResultDocument.maxBytes }));
    const entry = document.results.find((result) => result.shard === shard && result.root === root);
    if (entry === undefined) throw new InfernetError("invalid_result", `replica ${replica} of shard ${shard} does not say where its results are`);
    const items = shardItems(job.terms, shard);
    const file = await this.#store.getFile(entry.file, sources);
    return { replica, lines: parseShardResult(file, items, MAX_LINE_BYTES), root: root as Hex32 };
  }
}

/** The first two standing replicas of a shard whose roots differ. */
function differing(job: JobView, shard: number): [CaseReplica, CaseReplica] | null {
  const standing = caseReplicas(job, shard).filter(({ root, convicted }) => root !== null && !convicted);
  const other = standing.find(({ root }) => root !== standing[0]!.root);
  return other === undefined ? null : [standing[0]!, other];
}
