import { createHash } from "node:crypto";
import type { PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { create, type KuboRPCClient } from "kubo-rpc-client";
import type { CID } from "multiformats/cid";
import { concat, InfernetError, isInfernetError, toCid, toHex, type BlockKind, type Digest } from "../../core/index.ts";

/** Most time of a call that asks nothing of the network. */
const LOCAL_CALL_MS = 30_000;
/** Kubo's names of the codecs. */
const CODEC = { document: "dag-cbor", file: "dag-pb", chunk: "raw" } as const satisfies Record<BlockKind, string>;

/** Which Kubo daemon, and how it lets us in. */
export interface KuboEndpoint {
  /** Its RPC address, for instance `http://127.0.0.1:5001`. Whoever reaches it controls the daemon. */
  readonly rpcUrl: string;
  /** Value of the Authorization header, where the daemon asks for one (`API.Authorizations`). */
  readonly authorization?: string;
}

/** Where a call may get the block from. */
export interface Reach {
  readonly signal?: AbortSignal;
  /** Whether to look only into the daemon's own repository. */
  readonly local: boolean;
}

/**
 * A Kubo daemon, reduced to what a content store needs. What it says is checked like what any peer says:
 * bytes against their digest, sizes while they arrive. Failures come typed; a call that its own signal
 * ended rejects with the reason of that signal.
 */
export class KuboRpc {
  readonly #url: string;
  readonly #client: KuboRPCClient;
  readonly #closing: AbortSignal;

  constructor({ rpcUrl, authorization }: KuboEndpoint, closing: AbortSignal) {
    this.#url = rpcUrl;
    this.#client = create({ url: rpcUrl, ...(authorization === undefined ? {} : { headers: { authorization } }) });
    this.#closing = closing;
  }

  identity(): Promise<{ id: PeerId; addresses: Multiaddr[] }> {
    return this.#local("id", (options) => this.#client.id(options));
  }

  /** A setting of the daemon; undefined where nobody has set it. */
  async setting(key: string): Promise<unknown> {
    return this.#local("config", (options) => this.#client.config.get(key, options)).catch((error: Error) => {
      if (/no attribute|not found/i.test(error.message)) return undefined;
      throw error;
    });
  }

  /** Number of connected peers. */
  async peers(): Promise<number> {
    return (await this.#local("swarm peers", (options) => this.#client.swarm.peers(options))).length;
  }

  async dial(address: Multiaddr, signal: AbortSignal): Promise<void> {
    await this.#call("swarm connect", signal, (options) => this.#client.swarm.connect(address, options));
  }

  /** Bytes of a block, which is fetched to the daemon where it has to be; undefined when it is not here and only that was asked. */
  async size(cid: CID, { signal, local }: Reach): Promise<number | undefined> {
    const run = (options: { signal: AbortSignal }) => this.#client.block.stat(cid, withParameters(options, offline(local)));
    return orMissing(local, local ? this.#local("block stat", run).then(({ size }) => size) : this.#call("block stat", signal, run).then(({ size }) => size));
  }

  /**
   * The bytes under a digest. The library's `block.get` takes an answer of any length into memory; `cat` of
   * the same bytes under a raw CID is a stream, which is left as soon as it is longer than it may be.
   * @throws {InfernetError} `content_too_large`, `content_mismatch` when the daemon gives other bytes
   */
  async read(digest: Digest, maxBytes: number, { signal, local }: Reach): Promise<Uint8Array | undefined> {
    const run = async (options: { signal: AbortSignal }) => {
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const part of this.#client.cat(toCid(digest, "chunk"), withParameters(options, offline(local)))) {
        length += part.length;
        if (length > maxBytes) throw new InfernetError("content_too_large", `${digest} is larger than the ${maxBytes} bytes allowed`);
        parts.push(part);
      }
      const bytes = parts.length === 1 ? parts[0]! : concat(parts);
      if (toHex(createHash("sha256").update(bytes).digest()) !== digest)
        throw new InfernetError("content_mismatch", `the Kubo daemon at ${this.#url} gave other bytes for ${digest}`, { hint: "Check its repository with `ipfs repo verify`." });
      return bytes;
    };
    return orMissing(local, local ? this.#local("cat", run) : this.#call("cat", signal, run));
  }

  /** Stores a block. @throws {InfernetError} `store_failed` when the daemon names it otherwise */
  async put(digest: Digest, kind: BlockKind, bytes: Uint8Array): Promise<CID> {
    const cid = await this.#local("block put", (options) => this.#client.block.put(bytes, withParameters(options, { cidCodec: CODEC[kind], mhtype: "sha2-256" })));
    if (!cid.equals(toCid(digest, kind))) throw new InfernetError("store_failed", `the Kubo daemon at ${this.#url} stored ${digest} as ${cid.toString()}`);
    return cid;
  }

  /** Pins a block and all below it, in one step as seen by a garbage collection. */
  async pin(cid: CID, name: string): Promise<void> {
    await this.#local("pin add", (options) => this.#client.pin.add(cid, { ...options, name }));
  }

  /** Names of pins and what they pin. @param part - text that stands in the names */
  async *pins(part: string): AsyncGenerator<{ cid: CID; name: string }> {
    const found = await this.#local("pin ls", async (options) => {
      const all: { cid: CID; name: string }[] = [];
      for await (const { cid, name = "" } of this.#client.pin.ls({ ...options, type: "recursive", name: part })) all.push({ cid, name });
      return all;
    });
    yield* found;
  }

  async isPinned(cid: CID): Promise<boolean> {
    const run = async (options: { signal: AbortSignal }) => {
      for await (const pin of this.#client.pin.ls({ ...options, type: "recursive", paths: cid })) if (pin.cid.equals(cid)) return true;
      return false;
    };
    return this.#local("pin ls", run).catch(unlessNotPinned(false));
  }

  /** Removes a pin. One that is not there is no error. */
  async unpin(cid: CID): Promise<void> {
    await this.#local("pin rm", (options) => this.#client.pin.rm(cid, options)).then(() => {}).catch(unlessNotPinned(undefined));
  }

  /** Deletes every block that nobody has pinned; takes as long as it takes. */
  async collectGarbage(): Promise<void> {
    await this.#call("repo gc", undefined, async (options) => {
      for await (const { err } of this.#client.repo.gc(options)) if (err) throw err;
    });
  }

  /** A call that the daemon answers out of its own repository. */
  async #local<T>(what: string, run: (options: { signal: AbortSignal }) => Promise<T>): Promise<T> {
    const timeout = AbortSignal.timeout(LOCAL_CALL_MS);
    try {
      return await this.#call(what, timeout, run);
    } catch (cause) {
      if (timeout.aborted && !isInfernetError(cause)) throw new InfernetError("store_unreachable", `the Kubo daemon at ${this.#url} did not answer ${what} within ${LOCAL_CALL_MS} ms`, { cause });
      throw cause;
    }
  }

  async #call<T>(what: string, signal: AbortSignal | undefined, run: (options: { signal: AbortSignal }) => Promise<T>): Promise<T> {
    const either = signal === undefined ? this.#closing : AbortSignal.any([signal, this.#closing]);
    try {
      either.throwIfAborted();
      return await run({ signal: either });
    } catch (cause) {
      if (isInfernetError(cause)) throw cause;
      if (this.#closing.aborted) throw new InfernetError("store_closed", "the content store has been stopped", { cause });
      if (either.aborted) throw either.reason;
      if (isUnreachable(cause)) throw new InfernetError("store_unreachable", `the Kubo daemon at ${this.#url} cannot be reached for ${what}: ${reasonOf(cause)}`, { cause });
      throw new InfernetError("store_failed", `the Kubo daemon at ${this.#url} failed at ${what}: ${(cause as Error).message.slice(0, 500)}`, { cause, hint: "Read the log of the Kubo daemon." });
    }
  }
}

/** Parameters of the RPC that the library passes on, but whose types it leaves out. */
function withParameters(options: { signal: AbortSignal }, parameters: Readonly<Record<string, string>>): { signal: AbortSignal } {
  return { ...options, ...parameters };
}

function offline(local: boolean): Record<string, string> {
  return local ? { offline: "true" } : {};
}

/** Of a block that is only looked for here, that it is not here is an answer. */
async function orMissing<T>(local: boolean, asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: Error) => {
    if (local && /not found locally|could not find/i.test(error.message)) return undefined;
    throw error;
  });
}

function unlessNotPinned<T>(value: T): (error: Error) => T {
  return (error) => {
    if (/not pinned/i.test(error.message)) return value;
    throw error;
  };
}

/** Whether the request found nobody: undici's "fetch failed". */
function isUnreachable(cause: unknown): boolean {
  return cause instanceof TypeError && cause.cause !== undefined;
}

function reasonOf(cause: unknown): string {
  return ((cause as Error).cause as Error | undefined)?.message || (cause as Error).message;
}
