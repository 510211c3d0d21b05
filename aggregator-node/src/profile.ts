import { availableParallelism, cpus, totalmem } from "node:os";
import { profileDocument, type Profile } from "@infernet/sdk/core";
import type { NodeContent } from "@infernet/sdk/storage";

/** Most addresses that a profile lists. */
const MOST_ADDRESSES = 8;

/** What an aggregator tells the network about itself. */
export function aggregatorProfile({ host, hostAddresses, apart }: Pick<NodeContent, "host" | "hostAddresses" | "apart">): Profile {
  return profileDocument.parse({
    version: 1,
    role: "aggregator",
    peerId: host.peerId.toString(),
    multiaddrs: [...apart, ...hostAddresses()].slice(0, MOST_ADDRESSES),
    runtimes: [],
    models: [],
    hardware: { cpu: cpus()[0]?.model.trim() || "unknown", cores: availableParallelism(), memoryBytes: totalmem() },
  });
}
