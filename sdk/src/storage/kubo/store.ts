import { CHUNK_BYTES, fileBlocks, InfernetError, MAX_DOCUMENT_BYTES, parseDigest, sha256, toCid, type BlockKind, type ContentKind, type Digest } from "../../core/index.ts";
import { readCar, writeCar } from "../car.ts";
import { documentLimit, inParallel, isHeld, readDocument, readFile, requireDocumentSize, requireSize, type ReadBlock } from "../content.ts";
import { dialTargets } from "../../host/index.ts";
import { inFetchScope } from "../fetch-scope.ts";
import type { ContentStore, FetchOptions, ImportLimits, NamedContent } from "../store.ts";
import { dialAll, type LookUp } from "./dial.ts";
import { dialableAddresses, requireBroadcast } from "./daemon.ts";
import { KuboPins } from "./pins.ts";
import { KuboRpc, type KuboEndpoint } from "./rpc.ts";

/** Which Kubo daemon holds the content, and under which name. */
export interface KuboStoreOptions extends KuboEndpoint {
  /** Tells the users of one daemon apart: 1 to 64 letters, digits, `.`, `_` or `-`. Two stores of one name share their pins. */
  readonly namespace: string;
  /** Where a peer is that was named by its id alone; default: the daemon asks its own DHT. */
  readonly lookUp?: LookUp;
}

/** Most bytes of a block by its kind. */
const LIMIT = { document: MAX_DOCUMENT_BYTES, file: CHUNK_BYTES, chunk: CHUNK_BYTES } as const satisfies Record<BlockKind, number>;

/**
 * Opens a content store in a Kubo daemon that runs already. It keeps the daemon's peer id; stopping the store
 * leaves the daemon alone.
 * @throws {InfernetError} `store_unreachable`, `store_failed`, `invalid_argument`, `config_invalid` when the daemon
 *   would not ask peers that it does not know
 */
export async function createKuboStore(options: KuboStoreOptions): Promise<ContentStore> {
  if (!/^[\w.-]{1,64}$/.test(options.namespace)) throw new InfernetError("invalid_argument", `not a namespace: ${options.namespace.slice(0, 80)}`);
  const closing = new AbortController();
  const rpc = new KuboRpc(options, closing.signal);
  const { id, addresses } = await rpc.identity();
  await requireBroadcast(rpc);
  return new KuboStore(rpc, new KuboPins(rpc, options.namespace), closing, id.toString(), dialableAddresses(id, addresses), options.lookUp);
}

class KuboStore implements ContentStore {
  readonly peerId: string;
  readonly #rpc: KuboRpc;
  readonly #pins: KuboPins;
  readonly #closing: AbortController;
  readonly #addresses: readonly string[];
  readonly #lookUp: LookUp | undefined;

  constructor(rpc: KuboRpc, pins: KuboPins, closing: AbortController, peerId: string, addresses: readonly string[], lookUp: LookUp | undefined) {
    this.#rpc = rpc;
    this.#pins = pins;
    this.#closing = closing;
    this.peerId = peerId;
    this.#addresses = addresses;
    this.#lookUp = lookUp;
  }

  addresses(): string[] {
    return [...this.#addresses];
  }

  async connect(multiaddrs: readonly string[], { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.#requireOpen();
    await dialAll(this.#rpc, this.peerId, dialTargets(multiaddrs), signal, this.#lookUp);
  }

  async putDocument(bytes: Uint8Array): Promise<Digest> {
    requireDocumentSize(bytes);
    this.#requireOpen();
    const digest = sha256(bytes);
    await this.#rpc.put(digest, "document", bytes);
    await this.#pins.hold(digest, "document");
    return digest;
  }

  async putFile(bytes: Uint8Array): Promise<Digest> {
    this.#requireOpen();
    const { digest, root, chunks } = fileBlocks(bytes);
    await inParallel(chunks, async (chunk) => void (await this.#rpc.put(chunk.digest, "chunk", chunk.bytes)));
    // The root last: whoever has it can expect the chunks.
    await this.#rpc.put(digest, "file", root);
    await this.#pins.hold(digest, "file");
    return digest;
  }

  async getDocument(digest: Digest, options: FetchOptions = {}): Promise<Uint8Array> {
    return this.#fetch(digest, "document", options, (read) => readDocument(digest, options, read));
  }

  async getFile(digest: Digest, options: FetchOptions = {}): Promise<Uint8Array> {
    return this.#fetch(digest, "file", options, (read) => readFile(digest, options, read));
  }

  async *exportCar(digest: Digest, kind: ContentKind): AsyncGenerator<Uint8Array> {
    yield* writeCar(digest, kind, async (block, blockKind) => {
      this.#requireOpen();
      const bytes = await this.#rpc.read(block, LIMIT[blockKind], { local: true });
      if (bytes === undefined) throw new InfernetError("content_not_found", `${kind} ${digest} is not here and cannot be exported`);
      return bytes;
    });
  }

  async importCar(car: AsyncIterable<Uint8Array>, limits: ImportLimits = {}): Promise<NamedContent> {
    this.#requireOpen();
    const named = await readCar(car, limits, async (digest, kind, bytes) => void (await this.#rpc.put(digest, kind, bytes)));
    await this.#pins.hold(named.digest, named.kind);
    return named;
  }

  async has(digest: Digest, kind: ContentKind): Promise<boolean> {
    this.#requireOpen();
    const get = (root: Digest) => this.#rpc.read(root, LIMIT[kind], { local: true });
    return isHeld(parseDigest(digest), kind, get, async (chunk) => (await this.#rpc.size(toCid(chunk, "chunk"), { local: true })) !== undefined);
  }

  async pin(digest: Digest, kind: ContentKind): Promise<void> {
    if (!(await this.has(digest, kind))) throw new InfernetError("content_not_found", `${kind} ${digest} is not here and cannot be pinned`);
    await this.#pins.pin(digest, kind);
  }

  async unpin(digest: Digest, kind: ContentKind): Promise<void> {
    this.#requireOpen();
    await this.#pins.unpin(parseDigest(digest), kind);
  }

  async collectGarbage(): Promise<void> {
    this.#requireOpen();
    await this.#pins.release();
    await this.#rpc.collectGarbage();
  }

  async stop(): Promise<void> {
    this.#closing.abort();
  }

  async #fetch<T>(digest: Digest, kind: ContentKind, options: FetchOptions, run: (read: ReadBlock) => Promise<T>): Promise<T> {
    this.#requireOpen();
    parseDigest(digest);
    const targets = dialTargets(options.from ?? []);
    const dial = (signal: AbortSignal) => void dialAll(this.#rpc, this.peerId, targets, signal, this.#lookUp).catch(() => {});
    const context = { closing: this.#closing.signal, peers: () => this.#rpc.peers(), nudge: dial };
    return inFetchScope(`${kind} ${digest}`, options, context, async (signal) => {
      if (targets.length > 0 && !(await this.has(digest, kind))) dial(signal);
      const content = await run((block, blockKind) => this.#block(block, blockKind, options, signal));
      // What was read is right all the same where it cannot be held.
      await this.#pins.hold(digest, kind).catch(() => {});
      return content;
    });
  }

  async #block(digest: Digest, kind: BlockKind, options: FetchOptions, signal: AbortSignal): Promise<Uint8Array> {
    // Peers are asked by the CID under which they know it; it is read out of the daemon once it is there.
    const limit = kind === "document" ? documentLimit(options) : LIMIT[kind];
    if (kind !== "chunk") requireSize(`${kind} ${digest}`, (await this.#rpc.size(toCid(digest, kind), { signal, local: false }))!, limit);
    return (await this.#rpc.read(digest, limit, { signal, local: false }))!;
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw new InfernetError("store_closed", "the content store has been stopped");
  }
}
