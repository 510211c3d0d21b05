import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContentStore } from "../store.ts";

/** Opens a store over a directory, reachable on loopback. What stands there is there again after a restart. */
export type OpenStore = (directory: string) => Promise<ContentStore>;

/** Stores that one test opens, ended and deleted after it. To be called inside `describe`. */
export function testStores() {
  const directories: string[] = [];
  const stores: ContentStore[] = [];
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((opened) => opened.stop()));
    await Promise.all(directories.splice(0).map((path) => rm(path, { recursive: true, force: true })));
  });
  const directory = async () => {
    const path = await mkdtemp(join(tmpdir(), "infernet-store-"));
    directories.push(path);
    return path;
  };
  return {
    directory,
    async open(open: OpenStore, at?: string): Promise<ContentStore> {
      const opened = await open(at ?? (await directory()));
      stores.push(opened);
      return opened;
    },
  };
}
