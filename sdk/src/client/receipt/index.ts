export * from "./build.ts";
export * from "./history.ts";
export * from "./payments.ts";
export * from "./schema.ts";
export * from "./verify.ts";
