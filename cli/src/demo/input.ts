import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { InfernetError, parseInput } from "@infernet/sdk/core";
import { formatOf, readInput } from "../job/input.ts";
import { ROOT } from "../process/root.ts";
import type { DemoInput, DemoOptions } from "./options.ts";
import { batchRequests, packageTexts, QUERIES, queryId } from "./texts.ts";

/** Queries of the user's own input: its first items. */
const OWN_QUERIES = 3;
/** Below this, queries would be a large part of what is searched. */
const LEAST_FOR_QUERIES = 16;

/**
 * Writes the items of the demo's job into its directory.
 * @throws {InfernetError} `invalid_input`, `input_too_large`
 */
export function prepareInput(options: DemoOptions, modelName: string): DemoInput {
  if (options.input !== undefined) return ownInput(options, options.input);
  return options.workload === "digits" ? digitsInput(options) : packagesInput(options, modelName);
}

function packagesInput({ items, directory }: DemoOptions, modelName: string): DemoInput {
  const queries = items < LEAST_FOR_QUERIES ? [] : QUERIES;
  const texts = packageTexts();
  const chosen = texts.slice(0, items - queries.length);
  const few = texts.length < items - queries.length ? ` (there are only ${texts.length} packages)` : "";
  const file = join(directory, "input.jsonl");
  writeFileSync(file, batchRequests(chosen, queries, modelName));
  return { file, format: "jsonl", items: chosen.length + queries.length, description: `${chosen.length} descriptions of installed npm packages${few} and ${queries.length} queries`, queries: queries.map(queryId) };
}

function digitsInput({ items, directory }: DemoOptions): DemoInput {
  const bytes = readInput(join(ROOT, "workloads/digits/samples.jsonl"), items);
  const file = join(directory, "input.jsonl");
  writeFileSync(file, bytes);
  const count = parseInput(bytes, "raw").items.length;
  return { file, format: "raw", items: count, description: `${count} handwritten digits`, queries: [] };
}

function ownInput({ items, directory, workload }: DemoOptions, path: string): DemoInput {
  const bytes = readInput(path, Number.isFinite(items) ? items : undefined);
  const format = formatOf(path, workload);
  const parsed = parseInput(bytes, format);
  if (parsed.items.length === 0) throw new InfernetError("invalid_input", `${path} holds no item`);
  const file = join(directory, format === "txt" ? "input.txt" : "input.jsonl");
  writeFileSync(file, bytes);
  const single = parsed.requests.filter(({ count, encoding }) => count === 1 && encoding !== null);
  return { file, format, items: parsed.items.length, description: `${parsed.items.length} items of ${path}`, queries: single.slice(0, OWN_QUERIES).map(({ customId }) => customId) };
}
