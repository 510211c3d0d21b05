// The provider daemon. Settings: flags > INFERNET_* > the file of --config > defaults, see config.ts.
// Writes one JSON line to stdout once it has caught up with the chain; logs go to stderr or logFile.
import { parseArgs } from "node:util";
import { InfernetError } from "@infernet/sdk/core";
import { createLogger, loadConfig, runDaemon } from "@infernet/sdk/node";
import { startProvider } from "./compose.ts";
import { providerConfigSchema, type ProviderConfig } from "./config.ts";

/** Settings that may be given several times. */
const LISTS = new Set(["listen", "announce", "vettedModules"]);
const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function readConfig(): ProviderConfig {
  const keys = Object.keys(providerConfigSchema.shape);
  const options = Object.fromEntries([["config", { type: "string" as const }], ...keys.map((key) => [kebab(key), { type: "string" as const, multiple: LISTS.has(key) }])]);
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({ options, strict: true }));
  } catch (cause) {
    throw new InfernetError("config_invalid", (cause as Error).message, { cause });
  }
  const flags = Object.fromEntries(keys.map((key) => [key, values[kebab(key)]]));
  return loadConfig(providerConfigSchema, { flags, env: process.env, ...(typeof values["config"] === "string" ? { file: values["config"] } : {}) });
}

let config: ProviderConfig;
try {
  config = readConfig();
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
