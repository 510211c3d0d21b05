import type { ContentKind, Digest, Hex32 } from "@infernet/sdk/core";
import type { Journal } from "@infernet/sdk/node";
import type { ContentStore } from "@infernet/sdk/storage";
import type { JobContent } from "./content.ts";

interface Entry {
  readonly files: readonly Digest[];
  readonly documents: readonly Digest[];
}

const KIND = "content";

/**
 * Keeps and serves what jobs need, and lets go of it when nobody needs it any more. What is kept for
 * whom stands in the journal before it is pinned, so that nothing is kept for ever after a crash.
 */
export class Relay {
  readonly #store: ContentStore;
  readonly #journal: Journal;

  constructor(store: ContentStore, journal: Journal) {
    this.#store = store;
    this.#journal = journal;
  }

  /** Keeps the inputs of a job, at first until its quote is over. @param until - chain time, seconds */
  async keepInputs(content: JobContent, until: number): Promise<void> {
    const entry: Entry = { files: [...(content.module === null ? [] : [content.module]), ...content.shards], documents: [content.manifest, content.index] };
    await this.#keep(`inputs:${content.manifest}`, entry);
    this.extend(content.manifest, until);
  }

  /** Keeps what came of a job. @param part - distinguishes the parts that arrive one after the other */
  async keepResults(manifest: Hex32, job: Hex32, part: string, files: readonly Digest[], documents: readonly Digest[]): Promise<void> {
    await this.#keep(`results:${manifest}:${job}:${part}`, { files, documents });
  }

  /** Whoever needs the content of a manifest needs it until then. */
  extend(manifest: Hex32, until: number): void {
    const name = `keep-until:${manifest}`;
    const before = this.#journal.value(name);
    if (typeof before !== "number" || before < until) this.#journal.setValue(name, until);
  }

  /** Lets go of everything whose time is over. @param inUse - manifests of jobs that are open */
  async release(time: number, inUse: ReadonlySet<Hex32>): Promise<number> {
    const held = this.#journal.pending(KIND).map(({ key, payload }) => ({ key, manifest: key.split(":")[2] as Hex32, entry: payload as unknown as Entry }));
    const over = held.filter(({ manifest }) => !inUse.has(manifest) && Number(this.#journal.value(`keep-until:${manifest}`) ?? 0) < time);
    if (over.length === 0) return 0;
    const keys = new Set(over.map(({ key }) => key));
    const rest = held.filter(({ key }) => !keys.has(key));
    const needed = new Set(rest.flatMap(({ entry }) => [...entry.files, ...entry.documents]));
    for (const { key, entry } of over) {
      for (const file of entry.files) if (!needed.has(file)) await this.#store.unpin(file, "file");
      for (const document of entry.documents) if (!needed.has(document)) await this.#store.unpin(document, "document");
      this.#journal.complete(key);
    }
    await this.#store.collectGarbage();
    return over.length;
  }

  async #keep(name: string, entry: Entry): Promise<void> {
    // A released entry is complete for good; keeping the same again is another one.
    let key = `${KIND}:${name}`;
    for (let n = 1; this.#journal.get(key)?.state === "complete"; n++) key = `${KIND}:${name}:again-${n}`;
    this.#journal.intend(key, KIND, { files: [...entry.files], documents: [...entry.documents] });
    await this.#pin(entry.files, "file");
    await this.#pin(entry.documents, "document");
  }

  async #pin(digests: readonly Digest[], kind: ContentKind): Promise<void> {
    for (const digest of digests) await this.#store.pin(digest, kind);
  }
}
