export { startProvider, type Ready, type RunningProvider, type StartOptions } from "./compose.ts";
export { providerConfigSchema, type ProviderConfig, type ProviderSettings } from "./config.ts";
export { DECLINE, type DeclineReason } from "./decline.ts";
