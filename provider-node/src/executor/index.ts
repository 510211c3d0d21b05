export * from "./executor.ts";
export { WasmExecutor, type WasmExecutorOptions } from "./wasm/wasm-executor.ts";
export type { Isolation } from "./wasm/fence.ts";
