/** Texts for the comparison: real ones that are on every machine, and the nasty ones of the goldens. */
import { readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

interface Lock {
  readonly packages: Record<string, unknown>;
}

/** Name and description of each package that the lock file installed. */
export function packageTexts(): string[] {
  const lock = JSON.parse(readFileSync(new URL("package-lock.json", root), "utf8")) as Lock;
  return Object.keys(lock.packages).flatMap((path) => {
    try {
      const { name, description } = JSON.parse(readFileSync(new URL(`${path}/package.json`, root), "utf8")) as Record<string, string>;
      return name && description ? [`${name}: ${description}`] : [];
    } catch {
      return []; // optional packages of other platforms are not installed
    }
  });
}

/** The golden texts of the tokenizer: empty, emoji, CJK, combining marks, control characters, overlong, random. */
export function nastyTexts(): string[] {
  const lines = readFileSync(new URL("workloads/minilm/golden/tokenizer.jsonl", root), "utf8").trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}
