import { join } from "node:path";
import { profileDocument } from "@infernet/sdk/core";
import { publishedAddresses } from "@infernet/sdk/net";
import { profileOf } from "@infernet/sdk/node";
import { createHeliaStore } from "@infernet/sdk/storage/helia";
import type { ProviderConfig } from "./config.ts";
import { InstalledModels } from "./models.ts";
import { providerProfile } from "./profile.ts";

/** The profile that the owner of a provider publishes, whether it runs or not. @throws {InfernetError} as `startProvider` */
export function profileOfProvider(config: ProviderConfig): Promise<Uint8Array> {
  const { dataDir, modelsDir, listen, announce } = config;
  return profileOf(dataDir, async () => {
    const models = await InstalledModels.open(modelsDir, join(dataDir, "models.json"));
    const store = await createHeliaStore({ directory: join(dataDir, "content"), listen, announce, discovery: {} });
    try {
      return profileDocument.encode(providerProfile(store.peerId, publishedAddresses(config, store.addresses()), models));
    } finally {
      await store.stop();
    }
  });
}
