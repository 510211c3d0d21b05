export * from "./actions.ts";
export * from "./events.ts";
export * from "./job-view.ts";
export type * from "./port.ts";
export * from "./terms.ts";
