import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { InfernetError } from "../core/index.ts";

/** Held while a process uses a data directory. */
export interface DirectoryLock extends Disposable {
  readonly directory: string;
  /** Lets another process use the directory. Releasing twice is no error. */
  release(): void;
}

/**
 * Makes the data directory and takes it for this process. The lock is one of the operating system
 * (SQLite's, on a file), so a process that is killed leaves nothing behind that would have to be
 * recognised as stale, also where process ids are reused or seen from inside a container.
 * @throws {InfernetError} `data_dir_locked` (names the other process), `data_dir_invalid`
 */
export function lockDirectory(directory: string): DirectoryLock {
  const ownerFile = join(directory, "owner.json");
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    db = new DatabaseSync(join(directory, "lock"));
    db.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    writeFileSync(ownerFile, `${JSON.stringify({ pid: process.pid, since: new Date().toISOString() })}\n`);
  } catch (cause) {
    db?.close();
    // SQLITE_BUSY
    if ((cause as { errcode?: number }).errcode === 5)
      throw new InfernetError("data_dir_locked", `${directory} is used by ${owner(ownerFile)}`, { cause });
    throw new InfernetError("data_dir_invalid", `cannot use ${directory}: ${(cause as Error).message}`, { cause });
  }
  const held = db;
  const release = () => {
    if (held.isOpen) held.close();
  };
  return { directory, release, [Symbol.dispose]: release };
}

function owner(file: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(file, "utf8")) as { pid?: unknown; since?: unknown };
    return `process ${String(pid)} since ${String(since)}`;
  } catch {
    return "another process";
  }
}
