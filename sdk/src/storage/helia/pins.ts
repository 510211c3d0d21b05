import type { Helia } from "helia";
import type { CID } from "multiformats/cid";

/**
 * Pins a block and the blocks `depth` links below it. Pinning twice is no error.
 * @param depth - 0 for a document, so that links in it are not followed; 1 for a file
 */
export async function addPin(helia: Helia, cid: CID, depth: 0 | 1): Promise<void> {
  try {
    for await (const _ of helia.pins.add(cid, { depth }));
  } catch (error) {
    if ((error as Error).name !== "AlreadyPinnedError") throw error;
  }
}

/** Unpins content. Content that is not pinned is no error. */
export async function removePin(helia: Helia, cid: CID): Promise<void> {
  try {
    for await (const _ of helia.pins.rm(cid));
  } catch (error) {
    if ((error as Error).name !== "NotFoundError") throw error;
  }
}
