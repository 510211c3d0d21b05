import type { Hardware } from "@infernet/sdk/core";
import { hostParts } from "./host.ts";
import { nvidiaGpus } from "./nvidia-smi.ts";

/** What this host is made of. Takes half a second; never fails, what cannot be told is left out. */
export async function detectHardware(): Promise<Hardware> {
  const [parts, gpus] = await Promise.all([hostParts(), nvidiaGpus()]);
  return { ...parts, gpus };
}
