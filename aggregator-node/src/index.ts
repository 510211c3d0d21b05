export { startAggregator, type Ready, type RunningAggregator, type StartOptions } from "./compose.ts";
export { describeAggregator } from "./compose-profile.ts";
export { aggregatorConfigSchema, type AggregatorConfig, type AggregatorSettings } from "./config.ts";
