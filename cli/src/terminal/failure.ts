import { CommanderError } from "commander";
import { InfernetError, isInfernetError, type ErrorCode } from "@infernet/sdk/core";
import { PART_ENV } from "../process/children.ts";
import { toJson } from "./output.ts";

/** Exit codes: 0 done, 1 failed, 2 wrong use or settings, 3 may work later, 4 a check failed, 130 interrupted. */
const USAGE: readonly ErrorCode[] = ["invalid_argument", "invalid_input", "input_too_large", "config_invalid", "keystore_invalid", "keystore_password", "invalid_manifest"];
const CHECK: readonly ErrorCode[] = ["invalid_receipt", "invalid_proof", "invalid_result", "not_ready"];

/** Exit code of an error. */
export function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof InfernetError)) return 1;
  if (error.code === "aborted") return 130;
  if (USAGE.includes(error.code)) return 2;
  if (CHECK.includes(error.code)) return 4;
  return error.retryable ? 3 : 1;
}

/** Tells a person, or with --json a program, why a command failed. */
export function printFailure(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) return; // it has spoken
  if (isInfernetError(error, "aborted") && !json) {
    // Of several processes that were stopped together, the one in front says so.
    if (process.env[PART_ENV] === undefined) process.stderr.write("stopped\n");
    return;
  }
  const known = error instanceof InfernetError ? error : new InfernetError("internal", error instanceof Error ? error.message : String(error), { cause: error });
  if (json) {
    process.stderr.write(`${toJson({ error: known.toJSON() })}\n`);
    return;
  }
  process.stderr.write(`error ${known.code}: ${known.message}\n`);
  process.stderr.write(`${known.hint}\n`);
  if (known.code === "internal" && error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
}
