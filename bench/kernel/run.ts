/**
 * Strict kernel ÷ ONNX Runtime native (batch 1, one thread), per CPU-second, and how far their embeddings differ.
 *
 * Both run in this process in alternating rounds over the same texts, so that whatever else the machine does falls
 * on both alike. The kernel's time is that of whole shards as a provider runs them: a fresh instance, reading the
 * model, tokenising, printing JSON. The peer gets token ids and is timed for inference alone.
 *
 *     node bench/kernel/run.ts [--texts 1024] [--shard 128] [--wide] [--json]
 *
 * --wide lets V8 join pairs of 128-bit operations into 256-bit ones (an experimental flag; the bits are the same).
 */
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { workloads } from "../../workloads/index.ts";
import { ensureMiniLm } from "../../workloads/minilm/model.ts";
import { compileModule, readModelFile, runModule } from "../../workloads/testing/run-module.ts";
import { peerVersion, startPeer } from "./peer.ts";
import { nastyTexts, packageTexts } from "./texts.ts";

const { values } = parseArgs({
  options: { texts: { type: "string", default: "1024" }, shard: { type: "string", default: "128" }, wide: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});
if (values.wide) setFlagsFromString("--experimental-wasm-revectorize");
const shardSize = Number(values.shard);

const cpuSeconds = (since?: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

const progress = (message: string) => console.error(message);
const { path } = await ensureMiniLm({ onProgress: progress });
const peer = await startPeer();
const model = new Map([["minilm.bin", readModelFile(path)]]);
const kernel = compileModule(workloads.minilm.wasmPath);
const tokenizer = compileModule(new URL("../../workloads/minilm/testing/tokenize.wasm", import.meta.url).pathname);

const input = (texts: readonly string[]) => texts.map((text) => `${JSON.stringify({ text })}\n`).join("");
const lines = (module: WebAssembly.Module, texts: readonly string[]) =>
  runModule(module, model, input(texts)).stdout.toString("utf8").trimEnd().split("\n");
const decode = (line: string) => {
  const bytes = Buffer.from((JSON.parse(line) as { embedding: string }).embedding, "base64");
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
};

/** Runs one shard on both; returns CPU-seconds of each and the largest difference. */
async function compare(texts: readonly string[]) {
  const ids = lines(tokenizer, texts).map((line) => (JSON.parse(line) as { ids: number[] }).ids);
  let start = process.cpuUsage();
  const answers = lines(kernel, texts);
  const kernelSeconds = cpuSeconds(start);
  start = process.cpuUsage();
  const expected: Float32Array[] = [];
  for (const sequence of ids) expected.push(Float32Array.from(await peer(sequence)));
  const peerSeconds = cpuSeconds(start);
  start = process.cpuUsage();
  lines(kernel, []);
  const emptySeconds = cpuSeconds(start);
  let difference = 0;
  answers.forEach((line, i) => decode(line).forEach((x, k) => (difference = Math.max(difference, Math.abs(x - expected[i]![k]!)))));
  return { kernelSeconds, peerSeconds, emptySeconds, difference, tokens: ids.reduce((sum, { length }) => sum + length, 0) };
}

async function compareAll(texts: readonly string[]) {
  const total = { texts: texts.length, tokens: 0, kernelSeconds: 0, peerSeconds: 0, emptySeconds: 0, difference: 0 };
  for (let at = 0; at < texts.length; at += shardSize) {
    const one = await compare(texts.slice(at, at + shardSize));
    total.tokens += one.tokens;
    total.kernelSeconds += one.kernelSeconds;
    total.peerSeconds += one.peerSeconds;
    total.emptySeconds += one.emptySeconds;
    total.difference = Math.max(total.difference, one.difference);
  }
  return total;
}

const real = packageTexts().slice(0, Number(values.texts));
await compareAll(real.slice(0, shardSize)); // both compilers and caches warm
const timed = await compareAll(real);
const nasty = await compareAll(nastyTexts());
const rate = (seconds: number) => timed.texts / seconds;
const report = {
  texts: timed.texts,
  tokensPerText: timed.tokens / timed.texts,
  shardSize,
  wide: values.wide,
  kernelPerCpuSecond: rate(timed.kernelSeconds),
  onnxRuntimePerCpuSecond: rate(timed.peerSeconds),
  ratio: timed.peerSeconds / timed.kernelSeconds,
  shareInKernel: 1 - timed.emptySeconds / timed.kernelSeconds,
  largestDifference: { real: timed.difference, nasty: nasty.difference, nastyTexts: nasty.texts },
  onnxRuntime: await peerVersion(),
};
if (values.json) console.log(JSON.stringify(report));
else {
  console.log(`texts                      ${report.texts} real (${report.tokensPerText.toFixed(1)} tokens each), shards of ${shardSize}`);
  console.log(`strict kernel (WASM${report.wide ? ", wide" : ""})${report.wide ? " " : "       "}${report.kernelPerCpuSecond.toFixed(1)} embeddings per CPU-second, start-up and JSON included`);
  console.log(`ONNX Runtime ${report.onnxRuntime} native ${report.onnxRuntimePerCpuSecond.toFixed(1)} embeddings per CPU-second (batch 1, one thread)`);
  console.log(`ratio                      ${report.ratio.toFixed(2)}`);
  console.log(`share of a shard's CPU spent in the kernel proper (not start-up)  ${report.shareInKernel.toFixed(3)}`);
  console.log(`largest difference (L∞)    ${report.largestDifference.real.toExponential(1)} on real texts, ${nasty.difference.toExponential(1)} on ${nasty.texts} nasty ones`);
}
