import { readFileSync } from "node:fs";
import { InfernetError, INPUT_LIMITS, inputFormat, NEWLINE, type InputFormat } from "@infernet/sdk/core";
import type { WorkloadName } from "./workload.ts";

/**
 * Reads an input file.
 * @param items - takes only so many lines from its beginning
 * @throws {InfernetError} `invalid_input`, `input_too_large`
 */
export function readInput(file: string, items: number | undefined): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new InfernetError("invalid_input", `cannot read ${file}: ${(cause as Error).message}`, { cause, hint: "Name a readable file with --input." });
  }
  if (bytes.length > INPUT_LIMITS.maxBytes) throw new InfernetError("input_too_large", `${file} has ${bytes.length} bytes, at most ${INPUT_LIMITS.maxBytes} allowed`);
  return items === undefined ? bytes : firstLines(bytes, items);
}

/** Format of an input file: digits are handed to the module as they stand, texts by the file's name. */
export function formatOf(file: string, workload: WorkloadName): InputFormat {
  return workload === "digits" ? "raw" : inputFormat(file);
}

function firstLines(bytes: Uint8Array, count: number): Uint8Array {
  let end = 0;
  for (let line = 0; line < count; line++) {
    const newline = bytes.indexOf(NEWLINE, end);
    if (newline < 0) return bytes;
    end = newline + 1;
  }
  return bytes.subarray(0, end);
}
