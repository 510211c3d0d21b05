import type { ContentKind, Digest } from "../core/index.ts";

/** Limits and sources of one fetch. */
export interface FetchOptions {
  readonly signal?: AbortSignal;
  /** Most bytes of the content; default {@link FETCH_DEFAULTS}. */
  readonly maxBytes?: number;
  /** Milliseconds until the fetch gives up; default {@link FETCH_DEFAULTS}. */
  readonly timeoutMs?: number;
  /** Multiaddrs of peers that should have it; they are dialled, and dialled again, until it is here. */
  readonly from?: readonly string[];
}

/** Limits of what is taken in from a stream. */
export type ImportLimits = Omit<FetchOptions, "from">;

/** Some content by name. */
export interface NamedContent {
  readonly digest: Digest;
  readonly kind: ContentKind;
}

/** What holds for a fetch that names no limits. */
export const FETCH_DEFAULTS = { maxBytes: 256 << 20, timeoutMs: 30_000 } as const;

/**
 * Content-addressed storage that shares what it holds with its peers. Everything that comes out of
 * it matches its digest; a fetch waits for content that no peer has yet, until its time is over.
 */
export interface ContentStore {
  /** The store's own peer id; it stays the same over restarts. */
  readonly peerId: string;
  /** Multiaddrs under which peers reach this store, each with the peer id. */
  addresses(): string[];
  /**
   * Connects to the peers that the multiaddrs name; several addresses of one peer are alternatives.
   * @throws {InfernetError} `invalid_argument`, `peer_unreachable` (some peer could not be reached), `aborted`
   */
  connect(multiaddrs: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Stores one DAG-CBOR block. @throws {InfernetError} `document_too_large`, `store_failed` */
  putDocument(bytes: Uint8Array): Promise<Digest>;
  /**
   * One DAG-CBOR block, from here or from connected peers.
   * @throws {InfernetError} `content_not_found` (no peer connected), `content_timeout`,
   *   `content_too_large`, `aborted`, `store_failed`, `store_closed`
   */
  getDocument(digest: Digest, options?: FetchOptions): Promise<Uint8Array>;
  /** Stores a file. @throws {InfernetError} `content_too_large`, `store_failed` */
  putFile(bytes: Uint8Array): Promise<Digest>;
  /**
   * A file, from here or from connected peers.
   * @throws {InfernetError} as {@link getDocument}, and `content_mismatch` when the digest names no file
   */
  getFile(digest: Digest, options?: FetchOptions): Promise<Uint8Array>;
  /**
   * Content that is held here as a CAR (version 1, one root), to be carried to a store by other means.
   * The stream ends with the error. @throws {InfernetError} `content_not_found`, `content_mismatch`, `store_failed`, `store_closed`
   */
  exportCar(digest: Digest, kind: ContentKind): AsyncIterable<Uint8Array>;
  /**
   * Takes in the one document or file of a CAR, every block checked; not pinned.
   * @throws {InfernetError} `content_mismatch` (not such a CAR, wrong bytes, blocks too many or missing),
   *   `content_too_large`, `content_timeout`, `aborted`, `store_failed`, `store_closed`
   */
  importCar(car: AsyncIterable<Uint8Array>, limits?: ImportLimits): Promise<NamedContent>;
  /** Whether all of it is held here. Never asks the network. */
  has(digest: Digest, kind: ContentKind): Promise<boolean>;
  /** Keeps content that is held here over garbage collections. @throws {InfernetError} `content_not_found` */
  pin(digest: Digest, kind: ContentKind): Promise<void>;
  /** Gives content free for the next garbage collection. Unpinned content is no error. */
  unpin(digest: Digest, kind: ContentKind): Promise<void>;
  /** Deletes everything that is not pinned. */
  collectGarbage(): Promise<void>;
  /** Ends connections and fetches; nothing keeps the process alive afterwards. */
  stop(): Promise<void>;
}
