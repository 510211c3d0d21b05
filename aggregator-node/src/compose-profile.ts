import { join } from "node:path";
import { profileDocument } from "@infernet/sdk/core";
import { profileOf } from "@infernet/sdk/node";
import { openNodeContent } from "@infernet/sdk/storage/open";
import type { AggregatorConfig } from "./config.ts";
import { aggregatorProfile } from "./profile.ts";

/** The profile that the owner of an aggregator publishes, whether it runs or not. @throws {InfernetError} as `startAggregator` */
export function profileOfAggregator({ dataDir, listen, announce, kuboRpcUrl }: AggregatorConfig): Promise<Uint8Array> {
  return profileOf(dataDir, async () => {
    const content = await openNodeContent({ directory: join(dataDir, "content"), listen, announce, discovery: {}, kuboRpcUrl, namespace: "profile" });
    try {
      return profileDocument.encode(aggregatorProfile(content));
    } finally {
      await content.stop();
    }
  });
}
