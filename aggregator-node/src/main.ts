// The aggregator daemon. Settings: flags > INFERNET_* > the file of --config > defaults, see config.ts.
// Writes one JSON line to stdout once it has caught up with the chain; logs go to stderr or logFile.
import { createLogger, daemonConfig, runDaemon } from "@infernet/sdk/node";
import { startAggregator } from "./compose.ts";
import { aggregatorConfigSchema, type AggregatorConfig } from "./config.ts";

let config: AggregatorConfig;
try {
  config = daemonConfig(aggregatorConfigSchema, new Set(["listen", "announce", "bootstrap", "pools", "tokens"]));
} catch (error) {
  createLogger({ name: "aggregator" }).fatal({ err: error }, "cannot start");
  process.exit(1);
}
const log = createLogger({ name: "aggregator", level: config.logLevel, ...(config.logFile === undefined ? {} : { file: config.logFile }) });
await runDaemon(
  async ({ signal, onShutdown }) => {
    const aggregator = await startAggregator(config, { log, signal });
    onShutdown("aggregator", () => aggregator.stop());
    const { peerId, multiaddrs, node } = await aggregator.ready;
    process.stdout.write(`${JSON.stringify({ ready: true, peerId, multiaddrs, node })}\n`);
    await aggregator.done;
  },
  { log },
);
