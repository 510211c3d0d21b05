import { availableParallelism, cpus, totalmem } from "node:os";
import { cpu, networkInterfaces, type Systeminformation } from "systeminformation";
import type { Hardware } from "@infernet/sdk/core";

const TIMEOUT_MS = 10_000;

/** Processor, memory and network link of this host. What the system does not tell is absent. */
export async function hostParts(): Promise<Omit<Hardware, "gpus">> {
  const [processor, interfaces] = await Promise.all([inTime(cpu()), inTime(networkInterfaces())]);
  const linkMbps = fastestLink(interfaces === undefined ? [] : [interfaces].flat());
  return {
    // Cores that this process may use: a container sees fewer than the machine has.
    cpu: { model: modelOf(processor), cores: availableParallelism() },
    memoryMiB: Math.floor(totalmem() / (1 << 20)),
    ...(linkMbps !== undefined && { linkMbps }),
  };
}

/** Speed of the fastest real interface that is up, in megabits a second; virtual ones know none. */
export function fastestLink(interfaces: readonly Pick<Systeminformation.NetworkInterfacesData, "internal" | "virtual" | "operstate" | "speed">[]): number | undefined {
  const speeds = interfaces.filter(({ internal, virtual, operstate }) => !internal && !virtual && operstate === "up").map(({ speed }) => speed ?? 0);
  const best = Math.floor(Math.max(0, ...speeds));
  return best > 0 ? best : undefined;
}

function modelOf(processor: Systeminformation.CpuData | undefined): string {
  const named = processor === undefined ? "" : `${processor.manufacturer} ${processor.brand}`.trim();
  return (cpus()[0]?.model.trim() || named || "unknown").slice(0, 120);
}

async function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), TIMEOUT_MS).unref();
  try {
    return await Promise.race([asked.catch(() => undefined), promise]);
  } finally {
    clearTimeout(timer);
  }
}
