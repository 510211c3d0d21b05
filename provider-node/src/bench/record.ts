import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { benchmarkSchema, type Benchmark } from "@infernet/sdk/core";

const recordSchema = z.array(benchmarkSchema).max(4);
const fileOf = (dataDir: string) => join(dataDir, "benchmarks.json");

/** What `infernet provider bench` has measured on this host; a damaged record is as good as none. */
export function readBenchmarks(dataDir: string): Benchmark[] {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(fileOf(dataDir), "utf8")));
  } catch {
    return [];
  }
}

/** Keeps a measurement, in place of an earlier one of the same module; the newest four are kept. */
export function keepBenchmark(dataDir: string, benchmark: Benchmark): void {
  const rest = readBenchmarks(dataDir).filter(({ module }) => module !== benchmark.module);
  const file = fileOf(dataDir);
  writeFileSync(`${file}.new`, `${JSON.stringify([benchmark, ...rest].slice(0, 4), null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
