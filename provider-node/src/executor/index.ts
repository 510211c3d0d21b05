export * from "./executor.ts";
export { ContainerExecutor, type ContainerExecutorOptions } from "./container/container-executor.ts";
export { isGpuName } from "./container/gpus.ts";
export { OpenAiExecutor, type OpenAiExecutorOptions } from "./openai/openai-executor.ts";
export { serviceModule } from "./openai/service.ts";
export { WasmExecutor, type WasmExecutorOptions } from "./wasm/wasm-executor.ts";
export type { Isolation } from "./wasm/fence.ts";
