// The provider daemon. Settings: flags > INFERNET_* > the file of --config > defaults, see config.ts.
// Writes one JSON line to stdout once it has caught up with the chain; logs go to stderr or logFile.
import { createLogger, daemonConfig, runDaemon } from "@infernet/sdk/node";
import { startProvider } from "./compose.ts";
import { providerConfigSchema, type ProviderConfig } from "./config.ts";

let config: ProviderConfig;
try {
  config = daemonConfig(providerConfigSchema, new Set(["listen", "announce", "bootstrap", "vettedModules", "executors", "containerGpus"]));
} catch (error) {
  createLogger({ name: "provider" }).fatal({ err: error }, "cannot start");
  process.exit(1);
}
const log = createLogger({ name: "provider", level: config.logLevel, ...(config.logFile === undefined ? {} : { file: config.logFile }) });
await runDaemon(
  async ({ signal, onShutdown }) => {
    const provider = await startProvider(config, { log, signal });
    onShutdown("provider", () => provider.stop());
    const { peerId, multiaddrs, node } = await provider.ready;
    process.stdout.write(`${JSON.stringify({ ready: true, peerId, multiaddrs, node })}\n`);
    await provider.done;
  },
  { log },
);
