import type { Libp2p } from "@libp2p/interface";
import type { CID } from "multiformats/cid";
import {
  CHUNK_BYTES,
  chunkSize,
  decodeFileRoot,
  fileBlocks,
  InfernetError,
  MAX_DOCUMENT_BYTES,
  sha256,
  toCid,
  type BlockKind,
  type ContentKind,
  type Digest,
} from "../../core/index.ts";
import { FETCH_DEFAULTS, type ContentStore, type FetchOptions } from "../store.ts";
import { bitswapOf, type Bitswap } from "./bitswap.ts";
import { LocalBlocks } from "./blocks.ts";
import { dialAll, dialTargets } from "./dial.ts";
import { inFetchScope } from "./fetch-scope.ts";
import { BlockFetcher } from "./fetcher.ts";
import { startHelia, type HeliaStoreOptions } from "./node.ts";
import { addPin, removePin } from "./pins.ts";

export type { HeliaStoreOptions };

/** Chunks of one file asked for at a time: enough to fill a link, few enough for a peer's memory. */
const PARALLEL_CHUNKS = 8;

/** A content store whose libp2p host also carries direct messages: a node has one peer id for both. */
export interface HeliaContentStore extends ContentStore {
  readonly libp2p: Libp2p;
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
  readonly libp2p: Libp2p;
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
    if (bytes.length > MAX_DOCUMENT_BYTES)
      throw new InfernetError("document_too_large", `the document has ${bytes.length} bytes, at most ${MAX_DOCUMENT_BYTES} allowed`);
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
    const maxBytes = Math.min(options.maxBytes ?? MAX_DOCUMENT_BYTES, MAX_DOCUMENT_BYTES);
    return this.#fetch(digest, "document", options, async (signal) => {
      const bytes = await this.#block(digest, "document", signal);
      requireSize(`document ${digest}`, bytes.length, maxBytes);
      return bytes;
    });
  }

  async getFile(digest: Digest, options: FetchOptions = {}): Promise<Uint8Array> {
    return this.#fetch(digest, "file", options, async (signal) => {
      const { size, chunks } = decodeFileRoot(await this.#block(digest, "file", signal));
      requireSize(`file ${digest}`, size, options.maxBytes ?? FETCH_DEFAULTS.maxBytes);
      const file = new Uint8Array(size);
      let next = 0;
      const worker = async () => {
        for (let i = next++; i < chunks.length; i = next++) {
          const bytes = await this.#block(chunks[i]!, "chunk", signal);
          if (bytes.length !== chunkSize(size, i))
            throw new InfernetError("content_mismatch", `chunk ${i} of file ${digest} has ${bytes.length} bytes instead of ${chunkSize(size, i)}`);
          file.set(bytes, i * CHUNK_BYTES);
        }
      };
      await Promise.all(Array.from({ length: PARALLEL_CHUNKS }, worker));
      return file;
    });
  }

  async has(digest: Digest, kind: ContentKind): Promise<boolean> {
    this.#requireOpen();
    const root = await this.#local.get(toCid(digest, kind));
    if (root === undefined || kind === "document") return root !== undefined;
    const chunks = fileChunks(root);
    return chunks !== undefined && (await Promise.all(chunks.map((chunk) => this.#local.has(toCid(chunk, "chunk"))))).every(Boolean);
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

function requireSize(what: string, size: number, maxBytes: number): void {
  if (size > maxBytes) throw new InfernetError("content_too_large", `${what} has ${size} bytes, at most ${maxBytes} allowed`);
}

/** Digests of the chunks of a file; undefined when the block is the root of no file. */
function fileChunks(root: Uint8Array): readonly Digest[] | undefined {
  try {
    return decodeFileRoot(root).chunks;
  } catch {
    return undefined;
  }
}
