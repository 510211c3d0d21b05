import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import type { z } from "zod";
import { InfernetError } from "../core/index.ts";
import { loadConfig } from "./config.ts";
import { loadDevelopmentKey, loadKeystore } from "./keystore.ts";
import { PASSWORD_ENV, readPassword } from "./password.ts";

const MAX_FILE_BYTES = 1 << 20;

/**
 * Settings of a daemon: flags > INFERNET_* > the file of --config > defaults of the schema. A setting
 * is a flag in kebab case; one that is a list may be given several times.
 * @throws {InfernetError} `config_invalid`
 */
export function daemonConfig<S extends z.ZodObject>(schema: S, lists: ReadonlySet<string>, args: readonly string[] = process.argv.slice(2)): z.infer<S> {
  const keys = Object.keys(schema.shape);
  const options = Object.fromEntries([["config", { type: "string" as const }], ...keys.map((key) => [kebab(key), { type: "string" as const, multiple: lists.has(key) }])]);
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true }));
  } catch (cause) {
    throw new InfernetError("config_invalid", (cause as Error).message, { cause });
  }
  const flags = Object.fromEntries(keys.map((key) => [key, values[kebab(key)]]));
  return loadConfig(schema, { flags, env: process.env, ...(typeof values["config"] === "string" ? { file: values["config"] } : {}) });
}

/**
 * Settings that a program hands over, held against their schema.
 * @throws {InfernetError} `config_invalid`
 */
export function parseSettings<S extends z.ZodObject>(schema: S, settings: unknown): z.infer<S> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new InfernetError("config_invalid", `${issue.path.join(".") || "settings"}: ${issue.message}`);
}

/**
 * Content of a JSON file that settings name, for instance a deployment.
 * @throws {InfernetError} `config_invalid`
 */
export function readJsonFile(what: string, file: string): unknown {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new Error("too large");
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new InfernetError("config_invalid", `cannot read the ${what} ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** Where an operator key is: a V3 keystore with its password file, or (development chains) a file with a hex key. */
export interface KeySettings {
  readonly keystore?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** The key that a daemon signs with. @throws {InfernetError} `config_invalid`, `keystore_invalid` (also: open to others), `keystore_password` */
export async function operatorKey({ keystore, passwordFile, keyFile }: KeySettings, chainId: number): ReturnType<typeof loadKeystore> {
  if (keyFile !== undefined) return loadDevelopmentKey(keyFile, BigInt(chainId));
  const password = passwordFile === undefined ? process.env[PASSWORD_ENV] : readPassword(passwordFile);
  if (keystore === undefined || password === undefined)
    throw new InfernetError("config_invalid", `an operator key is needed: keystore, and passwordFile or ${PASSWORD_ENV}; or keyFile on a development chain`);
  return loadKeystore(keystore, password);
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
