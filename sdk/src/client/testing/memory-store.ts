import { fileBlocks, InfernetError, sha256, type ContentKind, type Digest } from "../../core/index.ts";
import { readCar, writeCar } from "../../storage/car.ts";
import { readFile } from "../../storage/content.ts";
import type { ContentStore, FetchOptions, ImportLimits, NamedContent } from "../../storage/index.ts";

/** Content that several stores share, as if all of them were connected. For tests. */
export type SharedContent = Map<Digest, Uint8Array>;

/** A content store in memory. For tests. */
export class MemoryStore implements ContentStore {
  readonly peerId: string;
  readonly pinned = new Set<Digest>();
  readonly #held = new Map<Digest, Uint8Array>();
  readonly #shared: SharedContent;

  constructor(name: string, shared: SharedContent = new Map()) {
    this.peerId = name;
    this.#shared = shared;
  }

  addresses(): string[] {
    return [`/memory/${this.peerId}`];
  }

  async connect(): Promise<void> {}

  async putDocument(bytes: Uint8Array): Promise<Digest> {
    return this.#put(sha256(bytes), bytes);
  }

  async putFile(bytes: Uint8Array): Promise<Digest> {
    return this.#put(fileBlocks(bytes).digest, bytes);
  }

  async getDocument(digest: Digest, options: FetchOptions = {}): Promise<Uint8Array> {
    return this.#get(digest, options);
  }

  async getFile(digest: Digest, options: FetchOptions = {}): Promise<Uint8Array> {
    return this.#get(digest, options);
  }

  async *exportCar(digest: Digest, kind: ContentKind): AsyncGenerator<Uint8Array> {
    const held = this.#held.get(digest);
    if (held === undefined) throw new InfernetError("content_not_found", `${kind} ${digest} is not here and cannot be exported`);
    const { root, chunks } = fileBlocks(held);
    yield* writeCar(digest, kind, async (block, blockKind) => (blockKind === "document" ? held : blockKind === "file" ? root : chunks.find((chunk) => chunk.digest === block)!.bytes));
  }

  async importCar(car: AsyncIterable<Uint8Array>, limits: ImportLimits = {}): Promise<NamedContent> {
    const blocks = new Map<Digest, Uint8Array>();
    const named = await readCar(car, limits, async (digest, _kind, bytes) => void blocks.set(digest, bytes));
    this.#put(named.digest, named.kind === "document" ? blocks.get(named.digest)! : await readFile(named.digest, limits, async (digest) => blocks.get(digest)!));
    return named;
  }

  async has(digest: Digest): Promise<boolean> {
    return this.#held.has(digest);
  }

  async pin(digest: Digest, kind: ContentKind): Promise<void> {
    if (!this.#held.has(digest)) throw new InfernetError("content_not_found", `${kind} ${digest} is not here and cannot be pinned`);
    this.pinned.add(digest);
  }

  async unpin(digest: Digest): Promise<void> {
    this.pinned.delete(digest);
  }

  async collectGarbage(): Promise<void> {
    for (const digest of this.#held.keys()) if (!this.pinned.has(digest)) this.#held.delete(digest);
  }

  async stop(): Promise<void> {}

  #put(digest: Digest, bytes: Uint8Array): Digest {
    this.#held.set(digest, bytes);
    this.#shared.set(digest, bytes);
    return digest;
  }

  #get(digest: Digest, { maxBytes = Infinity, signal }: FetchOptions): Uint8Array {
    if (signal?.aborted) throw new InfernetError("aborted", "aborted by the caller");
    const bytes = this.#held.get(digest) ?? this.#shared.get(digest);
    if (bytes === undefined) throw new InfernetError("content_not_found", `${digest} is nowhere`);
    if (bytes.length > maxBytes) throw new InfernetError("content_too_large", `${digest} has ${bytes.length} bytes, at most ${maxBytes} allowed`);
    this.#held.set(digest, bytes);
    return bytes;
  }
}
