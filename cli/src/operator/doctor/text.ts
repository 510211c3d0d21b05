import { columns, type Paint } from "../../terminal/style.ts";
import type { Finding } from "./finding.ts";

const COLOURS = { ok: "green", warning: "yellow", failed: "red", skipped: "gray" } as const;

/** What was found, for people: each failure with its fix below it. */
export function findingsText(findings: readonly Finding[], paint: Paint): string {
  const lines = columns(findings.map(({ name, verdict, detail }) => [paint(COLOURS[verdict], verdict === "failed" ? "FAILED" : verdict), name, detail]));
  const { failed, warnings } = summaryOf(findings);
  const fixes = findings.map(({ fix }) => (fix === undefined ? [] : [`         → ${fix}`]));
  const all = lines.flatMap((line, i) => [line, ...fixes[i]!]);
  return [...all, failed.length === 0 ? `ready${warnings > 0 ? `, ${warnings} things could be better` : ""}` : `not ready: ${failed.join(", ")}`].join("\n");
}

export function summaryOf(findings: readonly Finding[]): { readonly failed: readonly string[]; readonly warnings: number } {
  return { failed: findings.filter(({ verdict }) => verdict === "failed").map(({ name }) => name), warnings: findings.filter(({ verdict }) => verdict === "warning").length };
}
