import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { InfernetError } from "@infernet/sdk/core";
import { sleep } from "@infernet/sdk/node";
import { devnetInfoSchema, type DevnetInfo } from "../devnet/directory.ts";
import type { JobAnswer } from "../job/answer.ts";
import { installWorkload } from "../job/workload.ts";
import { childFailed, type Child, type Children } from "../process/children.ts";
import { SELF } from "../process/root.ts";
import type { Output } from "../terminal/output.ts";
import { toJson } from "../terminal/output.ts";
import { audit } from "./audit.ts";
import { inferenceCpu } from "./inference.ts";
import { prepareInput } from "./input.ts";
import { startNodes, type DemoNode } from "./nodes.ts";
import type { DemoInput, DemoOptions } from "./options.ts";
import { demoReport, earnedBy, type DemoReport } from "./report.ts";
import { nearest, readEmbeddings } from "./search.ts";
import { whenSettled } from "./settled.ts";
import type { SummaryParts } from "./summary.ts";

const DEVNET_MS = 180_000;
/** Half a second a block: a job takes some twenty blocks that nobody needs to wait for. */
const BLOCK_SECONDS = 0.5;
/** Generous: providers share this machine, and nobody waits for a window that all have used. */
const COMMIT_WINDOW = 180;
const REVEAL_WINDOW = 12;
const NEIGHBOURS = 3;
/** Members that a conflict needs beside the replicas: a replacement, and three on the panel. */
const PANEL_AND_REPLACEMENT = 4;

/** What everything in a run of the demo works with. */
export interface DemoContext {
  readonly options: DemoOptions;
  readonly children: Children;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** The demo: the commands of this program as processes, one after the other. */
export async function runDemo(context: DemoContext): Promise<SummaryParts> {
  const { options, output, signal, children } = context;
  const begin = performance.now();
  const input = prepareInput(options);
  output.progress(`everything of this run lies in ${options.directory}`);
  const [workload, devnet] = await Promise.all([
    installWorkload(options.workload, join(options.directory, "models"), output.progress, signal),
    startDevnet(context),
    // The network stack is needed next; it loads while the chain starts.
    import("@infernet/sdk/host"),
  ]);
  if (options.liars > 0 && options.providers < options.replicas + PANEL_AND_REPLACEMENT)
    output.progress(`note: fewer than ${options.replicas + PANEL_AND_REPLACEMENT} providers: a conflict may find no panel of strangers, and its shard is refunded`);
  output.progress(`local chain at ${devnet.rpcUrl}; starting ${options.providers} providers and an aggregator`);
  const nodes = await startNodes(children, devnet, workload, options, signal);
  for (const line of introduce(nodes)) output.progress(line);
  await nextEpoch(devnet, signal);
  const before = await audit(devnet, [], signal);
  const setupSeconds = (performance.now() - begin) / 1000;

  output.progress(`\nembedding ${input.description}`.replace("embedding", options.workload === "digits" ? "reading" : "embedding"));
  const answer = await buy(context, input);
  output.progress("waiting until every fault is punished and every earning claimed");
  const after = await whenSettled(devnet, answer.jobs, signal);
  const receiptValid = await verify(context, devnet, answer);

  const cpu = nodes.filter(({ role }) => role === "provider").reduce((total, { logFile }) => total + inferenceCpu(logFile), 0);
  const report = demoReport({ answer, before, after, replicas: options.replicas, setupSeconds, inferenceCpu: cpu, receiptValid });
  const reportPath = resolve(options.report ?? join(options.directory, "report.json"));
  write(reportPath, report);
  const neighbours = input.queries.length === 0 ? [] : nearest(readEmbeddings(readFileSync(answer.outputPath)), input.queries, NEIGHBOURS);
  return { report, answer, nodes, neighbours, labels: input.labels, earned: earnedBy(before, after), reportPath };
}

async function startDevnet({ options, children, output, signal }: DemoContext): Promise<DevnetInfo> {
  output.progress("starting a local chain, deploying the contracts (about 10 seconds)");
  const args = ["--dir", chainDirectory(options), "--port", "0", "--block-time", String(BLOCK_SECONDS), "--providers", String(options.providers), "--foreground"];
  const child = children.start({ name: "the devnet", command: process.execPath, args: [...SELF, "devnet", "up", ...args], logFile: join(options.directory, "logs", "devnet.out") });
  return child.message((message) => devnetInfoSchema.safeParse(message).data, { timeoutMs: DEVNET_MS, signal });
}

function introduce(nodes: readonly DemoNode[]): string[] {
  const which = (pick: (node: DemoNode) => boolean) => nodes.filter(pick).map(({ node }) => node).sort((a, b) => a - b).join(", ");
  const liars = which(({ behaviour }) => behaviour === "lies");
  const silent = which(({ behaviour }) => behaviour === "silent");
  return [
    `aggregator: node ${which(({ role }) => role === "aggregator")}; providers: nodes ${which(({ role }) => role === "provider")}`,
    ...(liars === "" ? [] : [`node ${liars} will lie about some items`]),
    ...(silent === "" ? [] : [`node ${silent} will commit and then fall silent`]),
  ];
}

/** Who joined a pool is drawn from its next epoch on. */
async function nextEpoch({ deployment }: DevnetInfo, signal: AbortSignal): Promise<void> {
  const { epochSeconds } = z.object({ epochSeconds: z.number().positive() }).parse(JSON.parse(readFileSync(deployment, "utf8")));
  const period = 1000 * epochSeconds;
  await sleep(period - (Date.now() % period) + 1000 * BLOCK_SECONDS, signal);
}

async function buy(context: DemoContext, input: DemoInput): Promise<JobAnswer> {
  const { options, children, signal, output } = context;
  const outputPath = resolve(options.output ?? join(options.directory, "output.jsonl"));
  const args = [
    "job", "run", "--devnet", chainDirectory(options), "--data-dir", join(options.directory, "client"), "--workload", options.workload,
    "--input", input.file, "--format", input.format, "--shard-size", String(options.shardSize), "--replicas", String(options.replicas),
    "--commit-window", String(COMMIT_WINDOW), "--reveal-window", String(REVEAL_WINDOW), "--output", outputPath, "--receipt", join(options.directory, "receipt.json"),
  ];
  const child = children.start({
    name: "the client", command: process.execPath, args: [...SELF, ...(output.quiet ? ["--quiet"] : []), ...args],
    logFile: join(options.directory, "logs", "client.out"), showErrors: true,
  });
  const done = z.object({ type: z.literal("done"), answer: z.custom<JobAnswer>() });
  return child.message((message) => done.safeParse(message).data?.answer, { timeoutMs: 3_600_000, signal });
}

async function verify({ options, children, signal }: DemoContext, devnet: DevnetInfo, answer: JobAnswer): Promise<boolean> {
  const logFile = join(options.directory, "logs", "verify.out");
  const args = ["receipt", "verify", answer.receiptPath, "--output", answer.outputPath, "--rpc", devnet.rpcUrl, "--deployment", devnet.deployment];
  const child = children.start({ name: "the verifier", command: process.execPath, args: [...SELF, ...args], logFile });
  const code = await ended(child, signal);
  if (code !== 0 && code !== 4) throw childFailed(child, `ended with code ${code}`);
  return code === 0;
}

async function ended(child: Child, signal: AbortSignal): Promise<number | null> {
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  const code = await child.ended;
  signal.removeEventListener("abort", stop);
  if (signal.aborted) throw new InfernetError("aborted", `stopped while waiting for ${child.name}`, { cause: signal.reason });
  return code;
}

function chainDirectory({ directory }: DemoOptions): string {
  return join(directory, "chain");
}

function write(path: string, report: DemoReport): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${toJson(report, 2)}\n`);
}
