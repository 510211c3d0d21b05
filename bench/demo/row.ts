import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DemoReport } from "../../cli/src/demo/report.ts";
import { atMost, type Row } from "../row.ts";
import { runScript } from "../tool.ts";

/** The demo as it comes: 1,000 items, 8 providers, one that lies and one that falls silent. */
export async function demoRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "infernet-bench-"));
  try {
    const file = join(folder, "report.json");
    await runScript(["cli/src/main.ts", "demo", "--dir", join(folder, "run"), "--report", file]);
    const { items, seconds } = JSON.parse(readFileSync(file, "utf8")) as DemoReport;
    const raw = `${items} items, ${seconds.inferenceCpu.toFixed(0)} CPU-seconds of inference, set-up ${seconds.setup.toFixed(0)} s`;
    return [atMost("demo: from submission to the verified output", seconds.total, 90, " s", raw)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
