import type { CID } from "multiformats/cid";
import { fileBlocks, InfernetError, sha256, toCid, type BlockKind, type ContentKind, type Digest } from "../../core/index.ts";
import { readCar, writeCar } from "../car.ts";
import { isHeld, readDocument, readFile, requireDocumentSize } from "../content.ts";
import { dialAll, dialTargets, type InfernetHost } from "../../host/index.ts";
import { inFetchScope } from "../fetch-scope.ts";
import type { ContentStore, FetchOptions, ImportLimits, NamedContent } from "../store.ts";
import { bitswapOf, type Bitswap } from "./bitswap.ts";
import { LocalBlocks } from "./blocks.ts";
import { BlockFetcher } from "./fetcher.ts";
import { startHelia, type HeliaStoreOptions } from "./node.ts";
import { addPin, removePin } from "./pins.ts";

export type { HeliaStoreOptions };

/** A content store whose libp2p host also carries direct messages: a node has one peer id for both. */
export interface HeliaContentStore extends ContentStore {
  readonly libp2p: InfernetHost;
}

/**
 * Opens a content store inside this process: Helia over a directory, reachable by libp2p.
 * @throws {InfernetError} `store_failed`
 */
export async function createHeliaStore(options: HeliaStoreOptions): Promise<HeliaContentStore> {
  const started = await startHelia(options);
  return new HeliaStore(started);
}

type Started = Awaited<ReturnType<typeof startHelia>>;

class HeliaStore implements HeliaContentStore {
  readonly peerId: string;
  readonly libp2p: InfernetHost;
  readonly #node: Started;
  readonly #bitswap: Bitswap;
  readonly #local: LocalBlocks;
  readonly #fetcher: BlockFetcher;
  readonly #closing = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor(node: Started) {
    this.#node = node;
    this.libp2p = node.helia.libp2p;
    this.peerId = this.libp2p.peerId.toString();
    this.#bitswap = bitswapOf(node.helia);
    this.#local = new LocalBlocks(node.blocks);
    this.#fetcher = new BlockFetcher(this.#bitswap, (cid, block) => this.#keep(cid, block));
  }

  addresses(): string[] {
    return this.#node.helia.libp2p.getMultiaddrs().map(String);
  }

  async connect(multiaddrs: readonly string[], { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.#requireOpen();
    await dialAll(this.#node.helia.libp2p, dialTargets(multiaddrs), signal);
  }

  async putDocument(bytes: Uint8Array): Promise<Digest> {
    requireDocumentSize(bytes);
    const digest = sha256(bytes);
    await this.#publish([{ digest, kind: "document", bytes }]);
    return digest;
  }

  async putFile(bytes: Uint8Array): Promise<Digest> {
    const { digest, root, chunks } = fileBlocks(bytes);
    // The root last: whoever has it can expect the chunks.
    await this.#publish([...chunks.map((chunk) => ({ ...chunk, kind: "chunk" as const })), { digest, kind: "file", bytes: root }]);
    return digest;
  }

  async getDocument(digest: Digest, options: FetchOptions = {}): Promise<Uint8Array> {
    return this.#fetch(digest, "document", options, (signal) => readDocument(digest, options, (block, kind) => this.#block(block, kind, signal)));
  }

  async getFile(digest: Digest, options: FetchOptions = {}): Promise<Uint8Array> {
    return this.#fetch(digest, "file", options, (signal) => readFile(digest, options, (block, kind) => this.#block(block, kind, signal)));
  }

  async *exportCar(digest: Digest, kind: ContentKind): AsyncGenerator<Uint8Array> {
    yield* writeCar(digest, kind, async (block, blockKind) => {
      this.#requireOpen();
      const bytes = await this.#local.get(toCid(block, blockKind));
      if (bytes === undefined) throw new InfernetError("content_not_found", `${kind} ${digest} is not here and cannot be exported`);
      return bytes;
    });
  }

  async importCar(car: AsyncIterable<Uint8Array>, limits: ImportLimits = {}): Promise<NamedContent> {
    this.#requireOpen();
    return readCar(car, limits, (digest, kind, bytes) => this.#publish([{ digest, kind, bytes }]));
  }

  async has(digest: Digest, kind: ContentKind): Promise<boolean> {
    this.#requireOpen();
    return isHeld(digest, kind, (root) => this.#local.get(toCid(root, kind)), (chunk) => this.#local.has(toCid(chunk, "chunk")));
  }

  async pin(digest: Digest, kind: ContentKind): Promise<void> {
    if (!(await this.has(digest, kind))) throw new InfernetError("content_not_found", `${kind} ${digest} is not here and cannot be pinned`);
    await addPin(this.#node.helia, toCid(digest, kind), kind === "file" ? 1 : 0);
  }

  async unpin(digest: Digest, kind: ContentKind): Promise<void> {
    this.#requireOpen();
    await removePin(this.#node.helia, toCid(digest, kind));
  }

  async collectGarbage(): Promise<void> {
    this.#requireOpen();
    await this.#node.helia.gc();
  }

  async stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#closing.abort();
      await this.#node.helia.stop();
      await this.#node.datastore.close();
      await this.#node.blocks.close();
    })();
    await this.#stopped;
  }

  async #publish(blocks: readonly { digest: Digest; kind: BlockKind; bytes: Uint8Array }[]): Promise<void> {
    this.#requireOpen();
    try {
      for (const { digest, kind, bytes } of blocks) await this.#keep(toCid(digest, kind), bytes);
    } catch (cause) {
      throw new InfernetError("store_failed", `cannot store content: ${(cause as Error).message}`, { cause });
    }
  }

  /** Stores a block, then tells those who wait for it: here and at peers. */
  async #keep(cid: CID, block: Uint8Array): Promise<void> {
    await this.#local.put(cid, block);
    this.#fetcher.arrived(cid, block);
    await this.#bitswap.announce(cid);
  }

  async #block(digest: Digest, kind: BlockKind, signal: AbortSignal): Promise<Uint8Array> {
    const cid = toCid(digest, kind);
    return (await this.#local.get(cid)) ?? (await this.#fetcher.fetch(cid, signal));
  }

  async #fetch<T>(digest: Digest, kind: ContentKind, options: FetchOptions, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#requireOpen();
    const { libp2p } = this.#node.helia;
    const targets = dialTargets(options.from ?? []);
    // A peer that cannot be reached now is dialled again; others may have the content meanwhile.
    const dial = (signal: AbortSignal) => void dialAll(libp2p, targets, signal).catch(() => {});
    const context = {
      closing: this.#closing.signal,
      peers: () => libp2p.getPeers().length,
      nudge: (signal: AbortSignal) => {
        dial(signal);
        this.#fetcher.nudge();
        for (const peer of libp2p.getPeers()) void this.#bitswap.resendWants(peer);
      },
    };
    return inFetchScope(`${kind} ${digest}`, options, context, async (signal) => {
      if (targets.length > 0 && !(await this.has(digest, kind))) dial(signal);
      return run(signal);
    });
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw new InfernetError("store_closed", "the content store has been stopped");
  }
}
