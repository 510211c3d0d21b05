import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Hardware } from "@infernet/sdk/core";
import { cardOf } from "./gpu-table.ts";

const QUERY = ["--query-gpu=name,memory.total,driver_version,compute_cap", "--format=csv,noheader,nounits"];
const TIMEOUT_MS = 10_000;
const MAX_OUTPUT = 64 << 10;
/** Kinds of cards; what is announced is limited. */
const MOST = 8;

type Gpu = Hardware["gpus"][number];

/** The GPUs, by kind, in what `nvidia-smi --query-gpu=name,memory.total,driver_version,compute_cap` prints; lines that are none are left out. */
export function parseNvidiaSmi(csv: string): Gpu[] {
  const cards = csv.split("\n").flatMap((line) => {
    const [model, memory, driver, capability] = line.split(",").map((field) => known(field.trim()));
    // Parts with memory shared with the host say N/A.
    if (model === undefined || memory === undefined || !/^\d{1,9}$/.test(memory)) return [];
    return [{ model: model.slice(0, 120), count: 1, vramMiB: Number(memory), ...cardOf(model, capability), ...(driver !== undefined && { driver: driver.slice(0, 120) }) }];
  });
  const kinds = new Map<string, Gpu>();
  for (const card of cards) {
    const key = JSON.stringify(card);
    kinds.set(key, { ...card, count: (kinds.get(key)?.count ?? 0) + 1 });
  }
  return [...kinds.values()].slice(0, MOST);
}

/**
 * The GPUs of this host, by its driver's own tool.
 * @param command - the tool; only tests have a reason to change it
 * @returns none where there is no driver or it does not answer
 */
export async function nvidiaGpus(command = "nvidia-smi"): Promise<Gpu[]> {
  try {
    const { stdout } = await promisify(execFile)(command, QUERY, { timeout: TIMEOUT_MS, killSignal: "SIGKILL", maxBuffer: MAX_OUTPUT, encoding: "utf8" });
    return parseNvidiaSmi(stdout);
  } catch {
    return [];
  }
}

function known(field: string): string | undefined {
  return field === "" || /^\[.*\]$/.test(field) ? undefined : field;
}
