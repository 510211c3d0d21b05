export * from "./config.ts";
export * from "./journal.ts";
export type { Json } from "./json.ts";
export * from "./keystore.ts";
export * from "./lifecycle.ts";
export * from "./lock.ts";
export * from "./log.ts";
export * from "./timer.ts";
