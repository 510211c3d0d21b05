import { createHash } from "node:crypto";
import type { FsBlockstore } from "blockstore-fs";
import type { CID } from "multiformats/cid";
import { concat, equalBytes } from "../../core/index.ts";

/**
 * Blocks on disk that are never trusted: each is hashed when it is read, and one that does not
 * match its CID (a torn write, a failing disk) is thrown away as if it had never been there.
 */
export class LocalBlocks {
  readonly #disk: FsBlockstore;
  /** Writes on their way. The file store gets confused by two writers of one block. */
  readonly #writes = new Map<string, Promise<unknown>>();

  constructor(disk: FsBlockstore) {
    this.#disk = disk;
  }

  async has(cid: CID): Promise<boolean> {
    return this.#disk.has(cid);
  }

  /** The block, or undefined when it is not here. */
  async get(cid: CID): Promise<Uint8Array | undefined> {
    await this.#writes.get(cid.toString());
    const block = await this.#read(cid);
    if (block === undefined || equalBytes(createHash("sha256").update(block).digest(), cid.multihash.digest)) return block;
    await this.#disk.delete(cid);
    return undefined;
  }

  /** Writes a block whose bytes are known to match. Replaces what stands there, be it damaged. */
  async put(cid: CID, block: Uint8Array): Promise<void> {
    const key = cid.toString();
    const before = this.#writes.get(key);
    if (before !== undefined) {
      await before;
      return;
    }
    const write = this.#disk.put(cid, block).finally(() => this.#writes.delete(key));
    this.#writes.set(key, write);
    await write;
  }

  async #read(cid: CID): Promise<Uint8Array | undefined> {
    try {
      const parts: Uint8Array[] = [];
      for await (const part of this.#disk.get(cid)) parts.push(part);
      return parts.length === 1 ? parts[0]! : concat(parts);
    } catch (error) {
      if ((error as Error).name === "NotFoundError") return undefined;
      throw error;
    }
  }
}
