/** Inputs whose results are known: what every honest host prints for them, bit for bit. */
import { readFileSync } from "node:fs";
import { workloads } from "./index.ts";

/** Inputs of one workload and the sha256 of their results. */
export interface Golden {
  /** JSON Lines. */
  readonly input: Uint8Array;
  readonly items: number;
  /** 64 hex digits, over the result lines joined by "\n", without one at the end. */
  readonly resultSha256: string;
}

const lines = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8").trimEnd().split("\n");
const golden = (input: readonly string[], resultSha256: string): Golden => ({ input: new TextEncoder().encode(`${input.join("\n")}\n`), items: input.length, resultSha256 });

/** The golden inputs of each workload. A change of a digest is a change of the workload, for every node at once. */
export const goldens: Readonly<Record<keyof typeof workloads, () => Golden>> = {
  digits: () => golden(lines("digits/samples.jsonl"), "d6204a94dd9c9e0c0924162920cb5b12766fc74be6b40923d079d02aa68684e1"),
  minilm: () =>
    golden(
      lines("minilm/golden/embeddings.jsonl").map((line) => JSON.stringify({ text: (JSON.parse(line) as { text: string }).text })),
      "d9ddbaa19f03f39ad9e8e9d7ec383c6f70abdb621a0eda718ffdd39b18d4d2f6",
    ),
};
