export { startAggregator, type Ready, type RunningAggregator, type StartOptions } from "./compose.ts";
export { profileOfAggregator } from "./compose-profile.ts";
export { aggregatorConfigSchema, type AggregatorConfig, type AggregatorSettings } from "./config.ts";
