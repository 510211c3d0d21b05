export { benchInstalled, type BenchResult, type BenchWorkload } from "./bench/index.ts";
export { startProvider, type Ready, type RunningProvider, type StartOptions } from "./compose.ts";
export { profileOfProvider } from "./compose-profile.ts";
export { providerConfigSchema, type ProviderConfig, type ProviderSettings } from "./config.ts";
export { ContainerExecutor, OpenAiExecutor, WasmExecutor, type Isolation } from "./executor/index.ts";
export { openaiOptions } from "./executors.ts";
export { InstalledModels } from "./models.ts";
export { DECLINE, type DeclineReason } from "./decline.ts";
