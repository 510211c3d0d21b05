import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pino, type Logger } from "pino";
import { InfernetError } from "../core/index.ts";
import { logFields } from "./log-context.ts";

export type { Logger };

/** How a daemon logs. */
export interface LogOptions {
  /** Name of the daemon, on every line. */
  readonly name: string;
  readonly level?: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  /** Appends to this file instead of writing to stderr. */
  readonly file?: string;
}

/** Fields that must never reach a log, at the top and one level down. */
const SECRETS = ["password", "privateKey", "secret", "mnemonic", "salt", "authorization"];

/**
 * A logger that writes one JSON object a line. Writes are synchronous: the last lines before a
 * crash are the ones that matter.
 */
export function createLogger({ name, level = "info", file }: LogOptions): Logger {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true });
  return pino(
    {
      base: { name, pid: process.pid },
      level,
      mixin: logFields,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((secret) => [secret, `*.${secret}`]), censor: "[secret]" },
      serializers: { err: describeError, error: describeError },
    },
    pino.destination({ dest: file ?? 2, sync: true }),
  );
}

/** Everything about an error that helps, with its causes. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { ...(error instanceof InfernetError ? error.toJSON() : { name: error.name, message: error.message }), stack: error.stack, ...cause };
}
