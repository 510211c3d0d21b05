import { encode } from "@ipld/dag-cbor";
import { CID } from "multiformats/cid";
import { InfernetError, sha256, toCid, type ContentKind, type Digest } from "../../core/index.ts";
import type { KuboRpc } from "./rpc.ts";

/** `pin` = kept until it is unpinned; `hold` = just arrived, kept until our own next garbage collection. */
type Purpose = "pin" | "hold";

const ATTEMPTS = 2;

/**
 * What this store keeps in a Kubo daemon that may serve others too. Kubo knows one pin for each CID, so two
 * users of one CID would take it from each other. Each keeps a block of its own instead (an *anchor*) that
 * links the content, and pins that: nobody else's pin is ever touched, and nobody else unpins ours.
 *
 * Kubo may collect garbage at any moment, by itself or because another user asks. So content is held as soon
 * as it is here, and let go only by {@link release}.
 */
export class KuboPins {
  readonly #rpc: KuboRpc;
  readonly #namespace: string;
  /** What this process holds; pins of earlier processes are found by their names. */
  #held = new Set<Digest>();

  /** @param namespace - tells the users of one daemon apart */
  constructor(rpc: KuboRpc, namespace: string) {
    this.#rpc = rpc;
    this.#namespace = namespace;
  }

  /** Keeps content that is here in whole. @throws {InfernetError} `content_not_found` when a collection came in between */
  async pin(digest: Digest, kind: ContentKind): Promise<void> {
    await this.#keep("pin", digest, kind);
  }

  async unpin(digest: Digest, kind: ContentKind): Promise<void> {
    await this.#rpc.unpin(this.#anchor("pin", digest, kind).cid);
  }

  /** Keeps what has just arrived until {@link release}. */
  async hold(digest: Digest, kind: ContentKind): Promise<void> {
    if (this.#held.has(digest)) return;
    await this.#keep("hold", digest, kind);
    this.#held.add(digest);
  }

  /** Lets go of everything that is held and not pinned. */
  async release(): Promise<void> {
    this.#held = new Set();
    const prefix = this.#name("hold", "");
    for await (const { cid, name } of this.#rpc.pins(prefix)) if (name.startsWith(prefix)) await this.#rpc.unpin(cid);
  }

  async #keep(purpose: Purpose, digest: Digest, kind: ContentKind): Promise<void> {
    const { cid, bytes } = this.#anchor(purpose, digest, kind);
    // Kubo drops a pin before it sets it anew: one that is there is left alone.
    if (await this.#rpc.isPinned(cid)) return;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#rpc.put(sha256(bytes), "document", bytes);
        await this.#rpc.pin(cid, this.#name(purpose, `${kind}/${digest}`));
        return;
      } catch (cause) {
        // A collection between the two calls takes the anchor away.
        if (attempt < ATTEMPTS) continue;
        throw new InfernetError("store_failed", `cannot pin ${kind} ${digest}: ${(cause as Error).message}`, { cause });
      }
    }
  }

  /** A document is linked by a raw CID, so that links which its author may have put into it are not followed. */
  #anchor(purpose: Purpose, digest: Digest, kind: ContentKind): { cid: CID; bytes: Uint8Array } {
    const keeps = toCid(digest, kind === "document" ? "chunk" : "file");
    const bytes = encode({ infernet: this.#namespace, purpose, keeps });
    return { cid: toCid(sha256(bytes), "document"), bytes };
  }

  #name(purpose: Purpose, what: string): string {
    return `infernet/${this.#namespace}/${purpose}/${what}`;
  }
}
