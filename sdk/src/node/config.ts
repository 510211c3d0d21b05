import { readFileSync, statSync } from "node:fs";
import stripJsonComments from "strip-json-comments";
import type { z } from "zod";
import { InfernetError } from "../core/index.ts";

/** Where the settings come from; earlier ones win: flags, environment, file, defaults of the schema. */
export interface ConfigSources {
  /** Parsed command line; undefined values are as if they were absent. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** JSON file with an object; comments and trailing commas are allowed. */
  readonly file?: string;
  /** Whether a missing file is no error: for a default path that nobody named. */
  readonly fileOptional?: boolean;
}

/** Environment variables are `INFERNET_` and the setting in upper snake case: rpcUrl → INFERNET_RPC_URL. */
export const ENV_PREFIX = "INFERNET_";

const MAX_FILE_BYTES = 1 << 20;

/**
 * Reads settings and checks them against a schema of plain fields.
 * Text from flags and the environment is taken as it stands where the field accepts that, else as
 * JSON (`3`, `true`, `["a"]`).
 * @param schema - a strict object schema; its defaults are the last source
 * @throws {InfernetError} `config_invalid`, naming the setting and where it came from
 */
export function loadConfig<S extends z.ZodObject>(schema: S, sources: ConfigSources): z.infer<S> {
  const origin = new Map<string, string>();
  const values: Record<string, unknown> = {};
  const take = (key: string, value: unknown, from: string) => {
    values[key] = value;
    origin.set(key, from);
  };
  for (const [key, value] of Object.entries(readConfigFile(sources))) take(key, value, sources.file!);
  for (const key of Object.keys(schema.shape)) {
    const name = envName(key);
    const text = sources.env?.[name];
    if (text !== undefined && text !== "") take(key, interpret(schema.shape[key] as z.ZodType, text), name);
  }
  for (const [key, value] of Object.entries(sources.flags ?? {})) {
    const field = schema.shape[key] as z.ZodType | undefined;
    if (value !== undefined) take(key, field && typeof value === "string" ? interpret(field, value) : value, `the flag ${flagName(key)}`);
  }
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = issue.code === "unrecognized_keys" ? [issue.keys[0]!] : issue.path;
  const key = String(path[0] ?? "");
  const from = origin.get(key);
  const what = key === "" ? "settings" : `${path.join(".")}${from === undefined ? ` (set ${flagName(key)} or ${envName(key)})` : ` (from ${from})`}`;
  throw new InfernetError("config_invalid", `${what}: ${issue.message}`, { details: { setting: path.join("."), from: from ?? null } });
}

/** The environment variable of a setting. */
export function envName(key: string): string {
  return ENV_PREFIX + snake(key, "_").toUpperCase();
}

function flagName(key: string): string {
  return `--${snake(key, "-")}`;
}

function snake(key: string, separator: string): string {
  return key.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());
}

function interpret(field: z.ZodType, text: string): unknown {
  if (field.safeParse(text).success) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function readConfigFile({ file, fileOptional = false }: ConfigSources): object {
  if (file === undefined) return {};
  let text: string;
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES} bytes`);
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if (fileOptional && (cause as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new InfernetError("config_invalid", `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
  try {
    const value = JSON.parse(stripJsonComments(text, { trailingCommas: true })) as unknown;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not a JSON object");
    return value;
  } catch (cause) {
    throw new InfernetError("config_invalid", `${file}: ${(cause as Error).message}`, { cause });
  }
}
