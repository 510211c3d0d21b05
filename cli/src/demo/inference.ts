import { readFileSync } from "node:fs";

/** CPU time that a provider's executions took, in seconds, as its log tells it. */
export function inferenceCpu(logFile: string): number {
  let total = 0;
  for (const line of readFileSync(logFile, "utf8").split("\n")) {
    if (!line.includes('"executed"')) continue;
    const { cpuSeconds } = JSON.parse(line) as { cpuSeconds?: number };
    total += cpuSeconds ?? 0;
  }
  return total;
}
