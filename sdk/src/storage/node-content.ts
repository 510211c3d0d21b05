import type { InfernetHost } from "../host/index.ts";
import type { ContentStore } from "./store.ts";

/** A node's content, and the libp2p host under whose peer id it is known. */
export interface NodeContent {
  readonly store: ContentStore;
  readonly host: InfernetHost;
  /** Where the host is reached. */
  hostAddresses(): string[];
  /** Addresses of the store where it is another peer than the host; else none. */
  readonly apart: readonly string[];
  /** Ends both. Stopping twice is no error. */
  stop(): Promise<void>;
}
