import type { Command } from "commander";
import type { BenchResult, BenchWorkload } from "@infernet/provider-node";
import { fileDigest } from "@infernet/sdk/core";
import { goldens } from "../../../workloads/golden.ts";
import { clientWorkload, WORKLOADS, type WorkloadName } from "../job/workload.ts";
import type { NodeRole } from "../operator/role.ts";
import { openHome } from "../operator/session.ts";
import { addHomeOption, interruptible, type HomeFlags } from "./operator.ts";
import { commandOutput, secondsOption } from "./options.ts";

/** `infernet provider bench` */
export function addBenchCommand(parent: Command, role: NodeRole): void {
  addHomeOption(parent.command("bench"), role)
    .description("measure this host with the models that are installed, and keep the numbers: they are announced")
    .option("--seconds <n>", "time for each workload", secondsOption, 10)
    .addHelpText("after", "\nEvery result is held against the known one; exit code 1 when this host computes something else.\n")
    .action((flags: HomeFlags & { seconds: number }, command: Command) =>
      interruptible(async (signal) => {
        const output = commandOutput(command);
        const { settings } = await openHome(role, flags.config);
        const { benchInstalled } = await import("@infernet/provider-node");
        const results = await benchInstalled(settings as never, { workloads: WORKLOADS.map(benchWorkload), seconds: flags.seconds, signal, onProgress: output.progress });
        output.answer({ results }, results.map(lineOf).join("\n"));
      }),
    );
}

function benchWorkload(name: WorkloadName): BenchWorkload {
  const { module, model, limits } = clientWorkload(name);
  return { name, module: { digest: fileDigest(module), bytes: module }, model: model!, limits, golden: goldens[name]() };
}

function lineOf(result: BenchResult): string {
  if ("missing" in result) return `${result.workload}: not measured, ${result.missing}`;
  const { itemsPerSecond, cpuSecondsPerItem, concurrency } = result.benchmark;
  return `${result.workload}: ${itemsPerSecond.toFixed(1)} items/s at ${concurrency} at a time, ${(1000 * cpuSecondsPerItem).toPrecision(2)} ms of processor an item; results are right`;
}
