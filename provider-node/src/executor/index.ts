export * from "./executor.ts";
export { ContainerExecutor, type ContainerExecutorOptions } from "./container/container-executor.ts";
export { isGpuName } from "./container/gpus.ts";
export { WasmExecutor, type WasmExecutorOptions } from "./wasm/wasm-executor.ts";
export type { Isolation } from "./wasm/fence.ts";
