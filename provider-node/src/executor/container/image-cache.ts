import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { hex32Schema, InfernetError, integer } from "@infernet/sdk/core";
import { normaliseArchive } from "./image-archive.ts";
import type { Runtime } from "./runtime.ts";

/** Seconds that an engine may take to load an image. */
const LOAD_SECONDS = 600;
const recordSchema = z.record(hex32Schema, z.strictObject({ bytes: integer(0, Number.MAX_SAFE_INTEGER), used: z.number() }));

/** An image that stays until it is given back. */
export interface HeldImage extends Disposable {
  /** What the engine knows it by. */
  readonly reference: string;
}

/** Where images are kept and how much they may take. */
export interface ImageCacheOptions {
  readonly runtime: Runtime;
  /** Id of the node, part of the names of its images. */
  readonly node: string;
  /** For archives on their way to the engine, and for what is known of images. */
  readonly folder: string;
  /** Most bytes of all images together, unpacked. */
  readonly maxBytes: number;
}

/** Images that the engine holds for this node, by the digest of their archive. Those unused for longest give way to others. */
export class ImageCache {
  readonly #options: ImageCacheOptions;
  readonly #images = new Map<string, { bytes: number; used: number }>();
  readonly #held = new Map<string, number>();
  readonly #loading = new Map<string, Promise<void>>();
  /** Loads come one after another: each may need the room that the one before has left. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(options: ImageCacheOptions) {
    this.#options = options;
  }

  /** Finds what an earlier process has left: images that were loaded to the end are good, all others go. */
  static async open(options: ImageCacheOptions): Promise<ImageCache> {
    const cache = new ImageCache(options);
    await rm(cache.#work, { recursive: true, force: true });
    const listed = await options.runtime.call(["images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", `reference=${cache.#repository}`]);
    const known = readRecord(cache.#recordFile);
    for (const reference of listed.split("\n").filter((line) => line.startsWith(`${cache.#repository}:`))) {
      const digest = `0x${reference.slice(cache.#repository.length + 1)}`;
      const image = known[digest as `0x${string}`];
      if (image === undefined) await options.runtime.call(["rmi", "--force", reference]);
      else cache.#images.set(digest, { ...image });
    }
    cache.#write();
    return cache;
  }

  /** Digests of the images that are here. */
  get digests(): string[] {
    return [...this.#images.keys()];
  }

  /** Keeps an image from giving way. @returns undefined when it is not here */
  keep(digest: string): Disposable | undefined {
    return this.#images.has(digest) ? this.#claim(digest) : undefined;
  }

  /**
   * An image, loaded where it is not here yet.
   * @param digest - of the archive
   * @param archive - its bytes, which the caller has checked against the digest
   * @throws {InfernetError} as `normaliseArchive`, `execution_failed`
   */
  async hold(digest: string, archive: Uint8Array): Promise<HeldImage> {
    // Claimed before it is there, so that no other load takes it away again.
    const claim = this.#claim(digest);
    try {
      if (!this.#images.has(digest)) await this.#load(digest, archive);
    } catch (error) {
      claim[Symbol.dispose]();
      throw error;
    }
    const image = this.#images.get(digest);
    if (image !== undefined) image.used = Date.now();
    this.#write();
    return { reference: this.#reference(digest), [Symbol.dispose]: () => claim[Symbol.dispose]() };
  }

  /** Takes an image for gone, as the engine does; it is loaded again when it is needed. */
  forget(digest: string): void {
    this.#images.delete(digest);
    this.#write();
  }

  #claim(digest: string): Disposable {
    const change = (by: number): void => void this.#held.set(digest, (this.#held.get(digest) ?? 0) + by);
    change(1);
    let claimed = true;
    return {
      [Symbol.dispose]: () => {
        if (claimed) change(-1);
        claimed = false;
      },
    };
  }

  #load(digest: string, archive: Uint8Array): Promise<void> {
    const known = this.#loading.get(digest);
    if (known !== undefined) return known;
    const loading = this.#queue.then(() => this.#loadNow(digest, archive)).finally(() => this.#loading.delete(digest));
    this.#loading.set(digest, loading);
    this.#queue = loading.catch(() => {});
    return loading;
  }

  async #loadNow(digest: string, archive: Uint8Array): Promise<void> {
    const { runtime, maxBytes } = this.#options;
    try {
      const { file, bytes } = await normaliseArchive(archive, this.#work, this.#reference(digest), maxBytes);
      await this.#makeRoom(bytes);
      await runtime.call(["load", "--quiet", "--input", file], { seconds: LOAD_SECONDS });
      this.#images.set(digest, { bytes, used: Date.now() });
      this.#write();
    } finally {
      await rm(this.#work, { recursive: true, force: true });
    }
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { runtime, maxBytes } = this.#options;
    const total = (): number => [...this.#images.values()].reduce((sum, image) => sum + image.bytes, bytes);
    const idle = [...this.#images].filter(([digest]) => !this.#held.get(digest)).sort(([, one], [, other]) => one.used - other.used);
    for (const [digest] of idle) {
      if (total() <= maxBytes) return;
      await runtime.call(["rmi", "--force", this.#reference(digest)]);
      this.#images.delete(digest);
      this.#write();
    }
    if (total() > maxBytes) throw new InfernetError("execution_failed", "the images at work leave no room for another one", { hint: "Raise imageCacheBytes." });
  }

  #write(): void {
    writeFileSync(`${this.#recordFile}.new`, JSON.stringify(Object.fromEntries(this.#images)));
    renameSync(`${this.#recordFile}.new`, this.#recordFile);
  }

  #reference(digest: string): string {
    return `${this.#repository}:${digest.slice(2)}`;
  }

  get #repository(): string {
    return `localhost/infernet-${this.#options.node}`;
  }

  get #recordFile(): string {
    return join(this.#options.folder, "images.json");
  }

  get #work(): string {
    return join(this.#options.folder, "loading");
  }
}

function readRecord(file: string): z.infer<typeof recordSchema> {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
