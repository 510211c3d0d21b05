// Generated from the contracts' artifacts by scripts/generate/run.ts; a test holds it against them.
export * from "./erc20-permit.ts";
export * from "./errors.ts";
export * from "./infernet-token.ts";
export * from "./jobs.ts";
export * from "./parameters.ts";
export * from "./pools.ts";
export * from "./randomness.ts";
export * from "./slashing.ts";
export * from "./staking.ts";
