import type { DevnetInfo } from "../devnet/directory.ts";
import { sleep } from "@infernet/sdk/node";
import { audit, type Audit } from "./audit.ts";

const PATIENCE_MS = 90_000;
const PAUSE_MS = 500;

/** Reads the chain until nothing of the jobs is left to do: every fault punished, every slash executed, all earnings claimed. */
export async function whenSettled(devnet: DevnetInfo, jobs: readonly string[], signal: AbortSignal): Promise<Audit> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(PAUSE_MS, signal)) {
    const found = await audit(devnet, jobs, signal);
    if (isSettled(found) || performance.now() > deadline) return found;
  }
}

function isSettled({ job, money }: Audit): boolean {
  return job !== null && job.closed && job.openFaults === 0 && job.slashes.every(({ executed, cancelled }) => executed || cancelled) && money.unclaimed === 0n;
}
