import { availableParallelism, cpus, totalmem } from "node:os";
import { profileDocument, type Profile } from "@infernet/sdk/core";
import { publishedAddresses } from "@infernet/sdk/net";
import type { NodeContent } from "@infernet/sdk/storage";
import type { ProviderConfig } from "./config.ts";
import type { InstalledModels } from "./models.ts";

/** Most that a profile lists of each. */
const MOST_ADDRESSES = 8;
const MOST_MODELS = 16;

/** What a provider tells the network about itself. */
export function providerProfile({ host, hostAddresses, apart }: Pick<NodeContent, "host" | "hostAddresses" | "apart">, config: Pick<ProviderConfig, "announce" | "bootstrap" | "executors">, models: Pick<InstalledModels, "digests">): Profile {
  return profileDocument.parse({
    version: 1,
    role: "provider",
    peerId: host.peerId.toString(),
    multiaddrs: [...apart, ...publishedAddresses(config, hostAddresses())].slice(0, MOST_ADDRESSES),
    runtimes: [...config.executors],
    models: models.digests().slice(0, MOST_MODELS),
    hardware: { cpu: cpus()[0]?.model.trim() || "unknown", cores: availableParallelism(), memoryBytes: totalmem() },
  });
}
