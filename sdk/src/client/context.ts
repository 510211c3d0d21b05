import type { ChainPort } from "../chain/index.ts";
import type { Direct } from "../net/index.ts";
import type { ContentStore } from "../storage/index.ts";
import type { ChainWatch } from "./chain-watch.ts";
import type { ClientJournal } from "./record.ts";

/** What a logger can do; pino's fit. */
export interface ClientLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What every part of a client works with. */
export interface ClientContext {
  readonly port: ChainPort;
  readonly store: ContentStore;
  /** Null where the store has no host for direct messages: then there are no aggregators. */
  readonly direct: Direct | null;
  readonly watch: ChainWatch;
  readonly journal: ClientJournal;
  readonly log: ClientLog;
}

/** Says nothing. */
export const SILENT: ClientLog = { debug: () => {}, info: () => {}, warn: () => {} };
