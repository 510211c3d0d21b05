export { benchInstalled, type BenchOptions, type BenchResult, type BenchWorkload } from "./installed.ts";
export { keepBenchmark, readBenchmarks } from "./record.ts";
