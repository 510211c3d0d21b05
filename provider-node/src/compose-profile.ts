import { join } from "node:path";
import { profileDocument } from "@infernet/sdk/core";
import { profileOf } from "@infernet/sdk/node";
import { createHeliaStore } from "@infernet/sdk/storage/helia";
import type { ProviderConfig } from "./config.ts";
import { InstalledModels } from "./models.ts";
import { providerProfile } from "./profile.ts";

/** The profile that the owner of a provider publishes, whether it runs or not. @throws {InfernetError} as `startProvider` */
export function describeProvider({ dataDir, modelsDir, listen, announce }: ProviderConfig): Promise<Uint8Array> {
  return profileOf(dataDir, async () => {
    const models = await InstalledModels.open(modelsDir, join(dataDir, "models.json"));
    const store = await createHeliaStore({ directory: join(dataDir, "content"), listen, announce });
    try {
      return profileDocument.encode(providerProfile(store, models));
    } finally {
      await store.stop();
    }
  });
}
