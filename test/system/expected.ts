import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileModule, readModelFile, runModule } from "../../workloads/testing/run-module.ts";
import { digitsModelPath, workloads } from "../../workloads/index.ts";

const SAMPLES = join(import.meta.dirname, "../../workloads/digits/samples.jsonl");

/** What the first digits give when the module is called directly, line by line. */
export function expectedDigits(items: number): unknown[] {
  const input = `${readFileSync(SAMPLES, "utf8").split("\n").slice(0, items).join("\n")}\n`;
  const { stdout } = runModule(compileModule(workloads.digits.wasmPath), new Map([["digits.bin", readModelFile(digitsModelPath)]]), input);
  return lines(stdout.toString("utf8"));
}

/** Results of an OpenAI batch-result file, in its order. */
export function resultsOf(outputPath: string): unknown[] {
  return lines(readFileSync(outputPath, "utf8")).map((line) => (line as { response: { body: unknown } }).response.body);
}

function lines(text: string): unknown[] {
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as unknown);
}
