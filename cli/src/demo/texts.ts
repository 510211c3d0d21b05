import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../process/root.ts";

/** A text that the demo indexes. */
export interface Text {
  /** name@version */
  readonly id: string;
  readonly text: string;
}

/**
 * Real text that is on every machine that can run this: name and description of each package that
 * the lock file installed, in the order of the lock file, each version once.
 */
export function packageTexts(): Text[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as { packages: Record<string, { link?: boolean }> };
  const texts = new Map<string, Text>();
  for (const [path, { link }] of Object.entries(packages)) {
    if (!path.includes("node_modules/") || link === true) continue;
    const text = describePackage(join(ROOT, path, "package.json"));
    if (text !== undefined && !texts.has(text.id)) texts.set(text.id, text);
  }
  return [...texts.values()];
}

function describePackage(file: string): Text | undefined {
  // Packages for other platforms are in the lock file, not on the disk.
  if (!existsSync(file)) return undefined;
  const { name, version, description } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  if (typeof name !== "string") return undefined;
  const text = typeof description === "string" && description.trim() !== "" ? `${name}: ${description.trim()}` : name;
  return { id: `${name}@${String(version)}`, text };
}

/** What a person may want of a package; embedded in the same job as the packages. */
export const QUERIES: readonly string[] = ["parse command line arguments", "ethereum smart contract library", "compress files", "colour text in a terminal"];

/** Custom id of a query's line. */
export const queryId = (query: string) => `query: ${query}`;

/** The demo's input file: packages, then queries. One OpenAI batch request a line. */
export function batchRequests(texts: readonly Text[], queries: readonly string[], model: string): string {
  const line = (id: string, input: string) => JSON.stringify({ custom_id: id, method: "POST", url: "/v1/embeddings", body: { model, input, encoding_format: "base64" } });
  return [...texts.map(({ id, text }) => line(id, text)), ...queries.map((query) => line(queryId(query), query))].map((text) => `${text}\n`).join("");
}
