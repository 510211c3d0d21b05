import { join } from "node:path";
import { profileDocument } from "@infernet/sdk/core";
import { profileOf } from "@infernet/sdk/node";
import { createHeliaStore } from "@infernet/sdk/storage/helia";
import type { AggregatorConfig } from "./config.ts";
import { aggregatorProfile } from "./profile.ts";

/** The profile that the owner of an aggregator publishes, whether it runs or not. @throws {InfernetError} as `startAggregator` */
export function profileOfAggregator({ dataDir, listen, announce }: AggregatorConfig): Promise<Uint8Array> {
  return profileOf(dataDir, async () => {
    const store = await createHeliaStore({ directory: join(dataDir, "content"), listen, announce, discovery: {} });
    try {
      return profileDocument.encode(aggregatorProfile(store));
    } finally {
      await store.stop();
    }
  });
}
