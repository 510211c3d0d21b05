import { concat, InfernetError, type Digest, type Hex32 } from "@infernet/sdk/core";
import { agreedShards, isDecided, shardItems, type JobView } from "@infernet/sdk/chain";
import type { IntakeAnswer } from "@infernet/sdk/net";
import type { Logger, NodeMetrics } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";
import type { Collector } from "./collector.ts";
import type { Relay } from "./relay.ts";

/** What the merger works with. */
export interface MergerOptions {
  readonly store: ContentStore;
  readonly relay: Relay;
  readonly collector: Collector;
  readonly log: Logger;
  readonly metrics?: Pick<NodeMetrics, "time">;
}

/**
 * Joins the agreed results of a job, in order, to one file, and tells clients what there is. The same
 * job always gives the same file: after a crash it is made again.
 */
export class Merger {
  readonly #options: MergerOptions;
  /** Job and number of its agreed shards → the file, or the work on it. */
  readonly #outputs = new Map<Hex32, { digest: Digest | null; shards: number }>();
  readonly #working = new Set<Hex32>();

  constructor(options: MergerOptions) {
    this.#options = options;
  }

  /** Merges a job as soon as it is decided and all its results are here. */
  offer(view: JobView): void {
    const { log, metrics } = this.#options;
    if (this.#working.has(view.id) || !isDecided(view)) return;
    const files = this.#files(view);
    if (files === undefined || files.length === 0 || this.#outputs.get(view.id)?.shards === files.length) return;
    this.#working.add(view.id);
    const merge = () => this.#merge(view, files);
    (metrics === undefined ? merge() : metrics.time("merge", merge))
      .then((digest) => {
        this.#outputs.set(view.id, { digest, shards: files.length });
        log.info({ job: view.id, shards: files.length, output: digest }, "merged");
      })
      .catch((err: unknown) => log.warn({ job: view.id, err }, "cannot merge"))
      .finally(() => this.#working.delete(view.id));
  }

  /** What a client may fetch now. */
  answer(view: JobView): IntakeAnswer {
    const { collector, store } = this.#options;
    const shards = agreedShards(view).flatMap(({ shard, root }) => {
      const file = collector.file(view.id, shard, root);
      return file === undefined ? [] : [{ shard, file, root }];
    });
    const output = this.#outputs.get(view.id);
    const complete = output !== undefined && output.shards === agreedShards(view).length;
    return { kind: "results", shards, output: complete ? output.digest : null, multiaddrs: store.addresses().slice(0, 16) };
  }

  /** Merges now. @throws {InfernetError} `content_not_found` when some result is not here */
  async mergeNow(view: JobView): Promise<void> {
    if (!isDecided(view) || this.#outputs.has(view.id)) return;
    const files = this.#files(view);
    if (files === undefined) throw new InfernetError("content_not_found", `some results of the job ${view.id} are not here`);
    if (files.length > 0) this.#outputs.set(view.id, { digest: await this.#merge(view, files), shards: files.length });
  }

  forget(job: Hex32): void {
    this.#outputs.delete(job);
  }

  /** Result files of all agreed shards, in order; undefined while one is missing. */
  #files(view: JobView): Digest[] | undefined {
    const files = agreedShards(view).map(({ shard, root }) => this.#options.collector.file(view.id, shard, root));
    return files.every((file) => file !== undefined) ? files : undefined;
  }

  async #merge(view: JobView, files: readonly Digest[]): Promise<Digest> {
    const { store, relay, collector } = this.#options;
    const lineBytes = await collector.lineBytes(view);
    const parts: Uint8Array[] = [];
    for (const [i, { shard }] of agreedShards(view).entries()) parts.push(await store.getFile(files[i]!, { maxBytes: shardItems(view.terms, shard) * (lineBytes + 1) }));
    const digest = await store.putFile(concat(parts));
    await relay.keepResults(view.terms.manifest, view.id, `output-${files.length}`, [digest], []);
    return digest;
  }
}
