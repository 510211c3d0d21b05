import { writeFileSync } from "node:fs";
import { Option, type Command } from "commander";
import { InfernetError, type Hex32, type InputFormat } from "@infernet/sdk/core";
import type { JobAnswer } from "../job/answer.ts";
import { addClientOptions, connect, type ClientFlags, type Connection } from "../job/connection.ts";
import { formatOf, readInput } from "../job/input.ts";
import { requestOf, runJob } from "../job/run.ts";
import { WORKLOADS, type WorkloadName } from "../job/workload.ts";
import { announce } from "../process/announce.ts";
import { listenForInterrupt } from "../process/interrupt.ts";
import { toJson } from "../terminal/output.ts";
import { createShardView } from "../terminal/shard-table.ts";
import { amountOption, commandOutput, formatAmount, integerOption } from "./options.ts";

const USDC_DECIMALS = 6;
const usdc = (amount: bigint) => `${formatAmount(amount, USDC_DECIMALS)} USDC`;

interface WorkFlags extends ClientFlags {
  readonly input: string;
  readonly format?: InputFormat;
  readonly workload: WorkloadName;
  readonly items?: number;
  readonly shardSize: number;
  readonly replicas: number;
  readonly aggregator?: number;
  readonly direct?: true;
  readonly commitWindow?: number;
  readonly revealWindow?: number;
}

interface RunFlags extends WorkFlags {
  readonly maxPrice?: bigint;
  readonly output?: string;
  readonly receipt?: string;
  readonly report?: string;
}

/** `infernet job run | quote | status | cancel` */
export function addJobCommands(program: Command): void {
  const job = program.command("job").description("buy inference");

  addWorkOptions(job.command("run").description("submit a file, wait, write output and receipt; killed and started again it goes on where it was"))
    .option("--max-price <usdc>", "most that the job may ever take; default: twice the quoted worst case", amountOption(USDC_DECIMALS))
    .option("--output <file>", "OpenAI batch results; default: <input>.output.jsonl")
    .option("--receipt <file>", "receipt; default: <output>.receipt.json")
    .option("--report <file>", "the answer as JSON")
    .addHelpText("after", '\nExamples:\n  infernet job run --input questions.txt\n  infernet job run --input batch.jsonl --replicas 3 --max-price 2.50 --output vectors.jsonl\n')
    .action((flags: RunFlags, command: Command) => withClient(flags, (connection, signal) => run(connection, flags, command, signal)));

  addWorkOptions(job.command("quote").description("say what a job would cost; spends nothing"))
    .action((flags: WorkFlags, command: Command) =>
      withClient(flags, async (connection, signal) => {
        const { price, aggregator, items, shards } = await connection.client.quote({ ...requestOf(connection, workOptions(flags, signal)), maxPrice: 0n });
        const text = `${items} items in ${shards} shards: ${usdc(price.expected)} when all agrees (work ${usdc(price.work)}, fees ${usdc(price.aggregatorFee + price.protocolFee)}), at most ${usdc(price.worstCase)}; aggregator: ${aggregator ?? "none"}`;
        commandOutput(command).answer({ items, shards, aggregator, price }, text);
      }),
    );

  addClientOptions(job.command("status <id>").description("say where a job stands")).action((id: string, flags: ClientFlags, command: Command) =>
    withClient(flags, async ({ client }, signal) => {
      const status = await (await client.job(jobId(id), { signal })).status();
      const lines = status.shards.map(({ first, count, state, nodes }) => `items ${first}-${first + count - 1}  ${state}  ${nodes.map((node) => `node ${node ?? "?"}`).join(", ")}`);
      commandOutput(command).answer(status, [status.state, ...lines].join("\n"));
    }),
  );

  addClientOptions(job.command("cancel <id>").description("take a job back before its draw")).action((id: string, flags: ClientFlags, command: Command) =>
    withClient(flags, async ({ client }, signal) => {
      await (await client.job(jobId(id), { signal })).cancel();
      commandOutput(command).answer({ job: id, cancelled: true }, "cancelled; the deposit has been credited back");
    }),
  );
}

function addWorkOptions(command: Command): Command {
  return addClientOptions(command)
    .requiredOption("--input <file>", ".txt: one item a line; .jsonl: OpenAI batch requests or {\"text\": …}")
    .addOption(new Option("--format <format>", "default: by the name of the file").choices(["txt", "jsonl", "raw"]))
    .addOption(new Option("--workload <name>", "what runs").choices(WORKLOADS).default("minilm"))
    .option("--items <n>", "only the first n lines", integerOption(1, 1_000_000))
    .option("--shard-size <n>", "items of a shard", integerOption(1, 100_000), 128)
    .option("--replicas <k>", "providers that compute each shard", integerOption(1, 8), 2)
    .option("--aggregator <node>", "aggregator to ask; default: any that the chain knows", integerOption(1, 2 ** 32 - 1))
    .option("--direct", "no aggregator: this process serves the inputs until the job has ended")
    .option("--commit-window <seconds>", "time to compute; default: what the pool says that it takes", integerOption(1, 86_400))
    .option("--reveal-window <seconds>", "time to reveal", integerOption(1, 86_400));
}

function workOptions(flags: WorkFlags, signal: AbortSignal) {
  if (flags.direct && flags.aggregator !== undefined) throw new InfernetError("invalid_argument", "--direct and --aggregator exclude each other");
  return {
    input: readInput(flags.input, flags.items),
    format: flags.format ?? formatOf(flags.input, flags.workload),
    workload: flags.workload,
    shardSize: flags.shardSize,
    replicas: flags.replicas,
    maxPrice: undefined as bigint | undefined,
    commitWindow: flags.commitWindow,
    revealWindow: flags.revealWindow,
    aggregator: flags.direct ? null : (flags.aggregator ?? ("auto" as const)),
    signal,
  };
}

async function run(connection: Connection, flags: RunFlags, command: Command, signal: AbortSignal): Promise<void> {
  const output = commandOutput(command);
  const outputPath = flags.output ?? `${flags.input}.output.jsonl`;
  const answer = await runJob(connection, {
    ...workOptions(flags, signal),
    maxPrice: flags.maxPrice,
    outputPath,
    receiptPath: flags.receipt ?? `${outputPath.replace(/\.jsonl$/, "")}.receipt.json`,
    onOpened: (id) => {
      announce({ type: "opened", job: id });
      output.progress(`job ${id} is funded`);
    },
    view: createShardView(output, (node) => `node ${node}`),
  });
  announce({ type: "done", answer });
  if (flags.report !== undefined) writeFileSync(flags.report, `${toJson(answer, 2)}\n`);
  output.answer(answer, describe(answer));
  if (!answer.complete) throw new InfernetError("job_refunded", "some items have no result: their shards were refunded", { hint: "Their lines in the output say so; submit them again." });
}

function describe({ items, shards, cost, seconds, outputPath, receiptPath }: JobAnswer): string {
  return [
    `${items} items in ${shards.length} shards, ${seconds.toFixed(1)} s`,
    `paid ${usdc(cost.paid)}, fees ${usdc(cost.fees)}, refunded ${usdc(cost.refunded)}`,
    `output   ${outputPath}`,
    `receipt  ${receiptPath}`,
  ].join("\n");
}

async function withClient(flags: ClientFlags, use: (connection: Connection, signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupt = listenForInterrupt();
  try {
    const connection = await connect(flags);
    try {
      await use(connection, interrupt.signal);
    } finally {
      await connection.close();
    }
  } finally {
    interrupt.end();
  }
}

function jobId(text: string): Hex32 {
  if (!/^0x[0-9a-f]{64}$/.test(text)) throw new InfernetError("invalid_argument", `${text} is not a job id`);
  return text as Hex32;
}
