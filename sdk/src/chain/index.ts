export * from "./actions.ts";
export * from "./directory.ts";
export * from "./events.ts";
export * from "./job-book.ts";
export * from "./job-reducer.ts";
export * from "./job-seats.ts";
export * from "./job-view.ts";
export type * from "./port.ts";
export * from "./terms.ts";
