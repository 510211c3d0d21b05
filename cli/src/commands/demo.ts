import { join } from "node:path";
import { Option, type Command } from "commander";
import { InfernetError } from "@infernet/sdk/core";
import type { DemoOptions } from "../demo/options.ts";
import { runDemo } from "../demo/run.ts";
import { summarise } from "../demo/summary.ts";
import { WORKLOADS } from "../job/workload.ts";
import { Children } from "../process/children.ts";
import { listenForInterrupt } from "../process/interrupt.ts";
import { ROOT } from "../process/root.ts";
import { hasColour, painter } from "../terminal/style.ts";
import { commandOutput, integerOption } from "./options.ts";

interface DemoFlags extends Omit<DemoOptions, "directory" | "keep" | "items"> {
  readonly items?: number;
  readonly dir?: string;
  readonly keep?: true;
}

const DEFAULT_ITEMS = 1000;

/** `infernet demo` */
export function addDemoCommand(program: Command): void {
  program
    .command("demo")
    .description("everything at once: a local chain, providers (one lies, one falls silent), an aggregator, real embeddings of real text, and who was paid or slashed for it")
    .option("--input <file>", "own items: .txt one a line; .jsonl OpenAI batch requests for /v1/embeddings, or {\"text\": …}; default: descriptions of installed packages")
    .option("--items <n>", `items; default: ${DEFAULT_ITEMS}, or all of --input`, integerOption(1, 1_000_000))
    .option("--providers <n>", "provider processes", integerOption(1, 32), 8)
    .option("--liars <n>", "providers that lie about some items", integerOption(0, 32), 1)
    .option("--silent <n>", "providers that commit and never reveal", integerOption(0, 32), 1)
    .option("--replicas <k>", "providers that compute each shard", integerOption(1, 8), 2)
    .option("--shard-size <n>", "items of a shard", integerOption(1, 100_000), 128)
    .option("--output <file>", "OpenAI batch results; default: in the run's directory")
    .option("--report <file>", "the outcome as JSON; default: in the run's directory")
    .addOption(new Option("--workload <name>", "minilm: sentence embeddings; digits: a tiny model that is over quickly").choices(WORKLOADS).default("minilm"))
    .option("--dir <directory>", "where chain, nodes and logs live; default: a new one in .infernet")
    .option("--keep", "leave the network running until Ctrl-C")
    .addHelpText("after", "\nExamples:\n  infernet demo\n  infernet demo --items 64 --liars 0 --silent 0\n  infernet demo --providers 10 --liars 2 --silent 1\n  infernet demo --input questions.txt --output vectors.jsonl\n")
    .action(async (flags: DemoFlags, command: Command) => {
      const output = commandOutput(command);
      const options: DemoOptions = {
        ...flags,
        items: flags.items ?? (flags.input === undefined ? DEFAULT_ITEMS : Infinity),
        directory: flags.dir ?? join(ROOT, ".infernet", `demo-${new Date().toISOString().replace(/[:.]/g, "-")}`),
        keep: flags.keep === true,
      };
      if (options.liars + options.silent > options.providers) throw new InfernetError("invalid_argument", `${options.liars} liars and ${options.silent} silent ones are more than ${options.providers} providers`);
      if (options.replicas > options.providers) throw new InfernetError("invalid_argument", `${options.replicas} replicas need as many providers, there are ${options.providers}`);
      const children = new Children();
      const interrupt = listenForInterrupt(() => children.kill());
      try {
        const parts = await runDemo({ options, children, output, signal: interrupt.signal });
        output.answer(parts.report, summarise(parts, painter(hasColour(process.stdout))));
        if (options.keep) await untilInterrupted(interrupt.signal, output.progress);
        const { report } = parts;
        if (!report.conserved) throw new InfernetError("internal", "the money does not add up: see conservation in the report");
        if (!report.receiptValid) throw new InfernetError("invalid_receipt", `the receipt ${report.receiptPath} does not verify`);
      } finally {
        await children.stop();
        interrupt.end();
      }
    });
}

async function untilInterrupted(signal: AbortSignal, progress: (line: string) => void): Promise<void> {
  progress("the network goes on; Ctrl-C ends it");
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
