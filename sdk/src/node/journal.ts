import { DatabaseSync, type StatementSync } from "node:sqlite";
import { InfernetError } from "../core/index.ts";
import type { Json } from "./json.ts";

/** Something that a daemon set out to do. */
export interface Intent {
  /** Names the deed, so that it is done once however often it is begun: for instance `commit:<job>:<batch>`. */
  readonly key: string;
  readonly kind: string;
  readonly payload: Json;
  readonly state: "pending" | "complete";
  /** What came of it; null while it is pending. */
  readonly result: Json;
}

const SCHEMA_VERSION = 1;
const SCHEMA = `
CREATE TABLE intents (seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, payload TEXT NOT NULL) STRICT;
CREATE TABLE completions (key TEXT PRIMARY KEY REFERENCES intents (key), result TEXT NOT NULL) STRICT;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE INDEX intents_by_kind ON intents (kind, seq);
PRAGMA user_version = ${SCHEMA_VERSION};
`;
const SELECT = `SELECT i.key, i.kind, i.payload, c.result FROM intents i LEFT JOIN completions c ON c.key = i.key`;

/**
 * Where a daemon writes down what it is about to do before it does it. Append-only: an intent is
 * never changed, only completed once. When a call returns, its entry is on disk (write-ahead log,
 * fsync), so it survives kill -9 and loss of power; an entry that is not there was never acted on.
 */
export class Journal implements Disposable {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #complete: StatementSync;
  readonly #get: StatementSync;
  readonly #set: StatementSync;
  readonly #value: StatementSync;

  /**
   * Opens the journal, making it on first use.
   * @param path - its SQLite file; the directory must exist and be locked by this process
   * @throws {InfernetError} `journal_corrupt` when it cannot be read
   */
  constructor(path: string) {
    try {
      this.#db = openDatabase(path);
    } catch (cause) {
      throw new InfernetError("journal_corrupt", `cannot open the journal ${path}: ${(cause as Error).message}`, { cause });
    }
    this.#insert = this.#db.prepare("INSERT INTO intents (key, kind, payload) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
    this.#complete = this.#db.prepare("INSERT INTO completions (key, result) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#get = this.#db.prepare(`${SELECT} WHERE i.key = ?`);
    this.#set = this.#db.prepare("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    this.#value = this.#db.prepare("SELECT value FROM settings WHERE name = ?");
  }

  /**
   * Writes down an intent. The first payload under a key stands: a daemon that starts again gets
   * the salt, nonce or transaction that it chose before, whatever it offers now.
   * @throws {InfernetError} `journal_conflict` when the key stands for another kind; `store_failed` when the disk does not take it
   */
  intend(key: string, kind: string, payload: Json): Intent {
    written(() => this.#insert.run(key, kind, JSON.stringify(payload)));
    const intent = this.get(key)!;
    if (intent.kind !== kind) throw new InfernetError("journal_conflict", `${key} is a ${intent.kind}, not a ${kind}`);
    return intent;
  }

  /**
   * Writes down what came of an intent. The first result stands.
   * @throws {InfernetError} `journal_conflict` when there is no such intent; `store_failed`
   */
  complete(key: string, result: Json = null): Intent {
    if (this.get(key) === undefined) throw new InfernetError("journal_conflict", `there is no intent ${key} to complete`);
    written(() => this.#complete.run(key, JSON.stringify(result)));
    return this.get(key)!;
  }

  /** The intent under a key. */
  get(key: string): Intent | undefined {
    const row = this.#get.get(key);
    return row === undefined ? undefined : toIntent(row as unknown as Row);
  }

  /** Intents that are not complete, oldest first; of one kind where one is named. */
  pending(kind?: string): Intent[] {
    return this.#list("c.key IS NULL", kind);
  }

  /** All intents of a kind, complete or not, oldest first. */
  list(kind: string): Intent[] {
    return this.#list("TRUE", kind);
  }

  /** A named value, for instance a cursor into the chain's events; undefined when it was never set. */
  value(name: string): Json | undefined {
    const row = this.#value.get(name) as { value: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.value) as Json);
  }

  /** Sets a named value. @throws {InfernetError} `store_failed` */
  setValue(name: string, value: Json): void {
    written(() => this.#set.run(name, JSON.stringify(value)));
  }

  /** Runs several writes as one: after a crash, all of them stand or none. Not to be nested. @throws {InfernetError} `store_failed` */
  atomically<T>(write: () => T): T {
    written(() => this.#db.exec("BEGIN IMMEDIATE"));
    try {
      const value = write();
      written(() => this.#db.exec("COMMIT"));
      return value;
    } catch (error) {
      // A write that failed for want of space has been rolled back by then.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Closes the file. Closing twice is no error. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #list(condition: string, kind: string | undefined): Intent[] {
    const ofKind = kind === undefined ? "" : " AND i.kind = ?";
    const rows = this.#db.prepare(`${SELECT} WHERE ${condition}${ofKind} ORDER BY i.seq`).all(...(kind === undefined ? [] : [kind]));
    return (rows as unknown as Row[]).map(toIntent);
  }
}

/** Names what a disk does to a write. */
function written(write: () => unknown): void {
  try {
    write();
  } catch (cause) {
    throw new InfernetError("store_failed", `cannot write to the journal: ${(cause as Error).message}`, { cause });
  }
}

interface Row {
  readonly key: string;
  readonly kind: string;
  readonly payload: string;
  readonly result: string | null;
}

function toIntent({ key, kind, payload, result }: Row): Intent {
  return {
    key,
    kind,
    payload: JSON.parse(payload) as Json,
    state: result === null ? "pending" : "complete",
    result: result === null ? null : (JSON.parse(result) as Json),
  };
}

function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 2000");
    const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
    if (version === 0) db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
    else if (version !== SCHEMA_VERSION) throw new Error(`it has version ${version}, this program knows ${SCHEMA_VERSION}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
