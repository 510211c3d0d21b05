import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InfernetError, isInfernetError } from "../core/index.ts";
import { lockDirectory } from "./lock.ts";

const fileOf = (dataDir: string) => join(dataDir, "profile.cbor");

/** Leaves the profile of a running node where its owner's tools find it. */
export function writeProfile(dataDir: string, profile: Uint8Array): void {
  writeFileSync(`${fileOf(dataDir)}.new`, profile);
  renameSync(`${fileOf(dataDir)}.new`, fileOf(dataDir));
}

/**
 * The profile that an owner publishes for a node: what the running daemon has left, else what `build` makes while nobody
 * else uses the data directory.
 * @throws {InfernetError} what `build` throws; `data_dir_invalid`
 */
export async function profileOf(dataDir: string, build: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    using lock = lockDirectory(dataDir);
    void lock;
    return await build();
  } catch (error) {
    if (!isInfernetError(error, "data_dir_locked")) throw error;
    try {
      return readFileSync(fileOf(dataDir));
    } catch (cause) {
      throw new InfernetError("data_dir_invalid", `the daemon in ${dataDir} has left no profile: ${(cause as Error).message}`, { cause, hint: "Wait until it is ready, or stop it, and try again." });
    }
  }
}
