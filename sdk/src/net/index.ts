export * from "./announcements/index.ts";
export * from "./direct.ts";
export * from "./discovery.ts";
export * from "./intake.ts";
export * from "./protocol.ts";
export * from "./results.ts";
export * from "./settings.ts";
export * from "./wire-terms.ts";
