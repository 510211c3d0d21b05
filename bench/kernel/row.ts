import { atLeast, atMost, type Row } from "../row.ts";
import { runScript } from "../tool.ts";

interface KernelReport {
  readonly kernelPerCpuSecond: number;
  readonly onnxRuntimePerCpuSecond: number;
  readonly ratio: number;
  readonly largestDifference: { readonly real: number; readonly nasty: number; readonly nastyTexts: number };
  readonly texts: number;
}

/** The strict kernel beside ONNX Runtime: speed and difference. */
export async function kernelRows(): Promise<Row[]> {
  const report = JSON.parse(await runScript(["bench/kernel/run.ts", "--json"])) as KernelReport;
  const { real, nasty, nastyTexts } = report.largestDifference;
  return [
    atLeast("strict kernel ÷ ONNX Runtime native (batch 1, one thread)", report.ratio, 0.6, `${report.kernelPerCpuSecond.toFixed(1)} ÷ ${report.onnxRuntimePerCpuSecond.toFixed(1)} embeddings a CPU-second`),
    atMost("largest difference from ONNX Runtime (L∞)", Math.max(real, nasty), 1e-5, "", `${real.toExponential(1)} on ${report.texts} real texts, ${nasty.toExponential(1)} on ${nastyTexts} nasty ones`),
  ];
}
