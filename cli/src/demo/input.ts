import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromUtf8, parseInput } from "@infernet/sdk/core";
import { formatOf, readInput } from "../job/input.ts";
import { modelNameOf } from "../job/workload.ts";
import { ROOT } from "../process/root.ts";
import type { DemoInput, DemoOptions } from "./options.ts";
import { batchRequests, packageTexts, QUERIES, queryId } from "./texts.ts";

/** Queries of the user's own input: its first items. */
const OWN_QUERIES = 3;
/** Most characters of a text that stands for its line. */
const LABEL = 60;
/** Below this, queries would be a large part of what is searched. */
const LEAST_FOR_QUERIES = 16;

/**
 * Writes the items of the demo's job into its directory.
 * @throws {InfernetError} `invalid_input`, `input_too_large`
 */
export function prepareInput(options: DemoOptions): DemoInput {
  if (options.input !== undefined) return ownInput(options, options.input);
  return options.workload === "digits" ? digitsInput(options) : packagesInput(options);
}

function packagesInput({ items, directory, workload }: DemoOptions): DemoInput {
  const queries = items < LEAST_FOR_QUERIES ? [] : QUERIES;
  const texts = packageTexts();
  const chosen = texts.slice(0, items - queries.length);
  const few = texts.length < items - queries.length ? ` (there are only ${texts.length} packages)` : "";
  const file = place(directory, "input.jsonl", batchRequests(chosen, queries, modelNameOf(workload)));
  return { file, format: "jsonl", items: chosen.length + queries.length, description: `${chosen.length} descriptions of installed npm packages${few} and ${queries.length} queries`, queries: queries.map(queryId), labels: new Map() };
}

function digitsInput({ items, directory }: DemoOptions): DemoInput {
  const bytes = readInput(join(ROOT, "workloads/digits/samples.jsonl"), items);
  const file = place(directory, "input.jsonl", bytes);
  const count = parseInput(bytes, "raw").items.length;
  return { file, format: "raw", items: count, description: `${count} handwritten digits`, queries: [], labels: new Map() };
}

function ownInput({ items, directory, workload }: DemoOptions, path: string): DemoInput {
  const bytes = readInput(path, Number.isFinite(items) ? items : undefined);
  const format = formatOf(path, workload);
  const parsed = parseInput(bytes, format);
  const file = place(directory, format === "txt" ? "input.txt" : "input.jsonl", bytes);
  const single = parsed.requests.filter(({ count, encoding }) => count === 1 && encoding !== null);
  const labels = new Map(single.map(({ customId, first }) => [customId, labelOf(parsed.items[first]!)]));
  return { file, format, items: parsed.items.length, description: `${parsed.items.length} items of ${path}`, queries: single.slice(0, OWN_QUERIES).map(({ customId }) => customId), labels };
}

/** Nothing is written before the input is known to be good. */
function place(directory: string, name: string, content: string | Uint8Array): string {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

/** The beginning of an item's text, on one line. */
function labelOf(item: Uint8Array): string {
  const { text } = JSON.parse(fromUtf8(item)) as { text: string };
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
  return line === "" ? "(empty)" : line.length > LABEL ? `${line.slice(0, LABEL - 1)}…` : line;
}
