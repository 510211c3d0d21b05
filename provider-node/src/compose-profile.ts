import { join } from "node:path";
import { profileDocument } from "@infernet/sdk/core";
import { profileOf } from "@infernet/sdk/node";
import { openNodeContent } from "@infernet/sdk/storage/open";
import type { ProviderConfig } from "./config.ts";
import { InstalledModels } from "./models.ts";
import { providerProfile } from "./profile.ts";

/** The profile that the owner of a provider publishes, whether it runs or not. @throws {InfernetError} as `startProvider` */
export function profileOfProvider(config: ProviderConfig): Promise<Uint8Array> {
  const { dataDir, modelsDir, listen, announce, kuboRpcUrl } = config;
  return profileOf(dataDir, async () => {
    const models = await InstalledModels.open(modelsDir, join(dataDir, "models.json"));
    const content = await openNodeContent({ directory: join(dataDir, "content"), listen, announce, discovery: {}, kuboRpcUrl, namespace: "profile" });
    try {
      return profileDocument.encode(providerProfile(content, config, models));
    } finally {
      await content.stop();
    }
  });
}
