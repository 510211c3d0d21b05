export * from "./store.ts";
export type { NodeContent } from "./node-content.ts";
