import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noted, type Row } from "../row.ts";
import { runScript } from "../tool.ts";

/** How fast content goes from node to node. */
export async function transferRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "infernet-bench-"));
  try {
    const file = join(folder, "report.json");
    await runScript(["bench/transfer/run.ts", "--report", file]);
    const { "http → http": plain, ...stores } = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
    return Object.entries(stores).map(([pair, speed]) => noted(`16 MiB ${pair} ÷ plain HTTP, on loopback`, (speed / plain!).toFixed(3), `${speed.toFixed(1)} ÷ ${plain!.toFixed(1)} MB/s`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
