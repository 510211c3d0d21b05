import type { z } from "zod";
import { envName } from "@infernet/sdk/node";

/**
 * Text of a settings file with everything in it: what is given stands, the rest is commented out with its default.
 * @param hints - what each setting means
 * @param skip - settings that have no place in a file that people keep
 */
export function settingsFile(title: string, schema: z.ZodObject, hints: Readonly<Record<string, string>>, given: Readonly<Record<string, unknown>>, skip: ReadonlySet<string> = new Set()): string {
  const lines = [`// ${title}`, "// Flags of `start` win over environment variables (in brackets), these over this file.", "{"];
  for (const key of Object.keys(schema.shape)) {
    if (skip.has(key) && !(key in given)) continue;
    lines.push(`  // ${hints[key] ?? key} [${envName(key)}]`);
    lines.push(key in given ? `  ${entry(key, given[key])}` : `  // ${entry(key, defaultOf(schema.shape[key] as z.ZodType))}`);
  }
  return `${[...lines, "}"].join("\n")}\n`;
}

function entry(key: string, value: unknown): string {
  return `${JSON.stringify(key)}: ${JSON.stringify(value, (_, field: unknown) => (typeof field === "bigint" ? String(field) : field)) ?? "(none)"},`;
}

function defaultOf(field: z.ZodType): unknown {
  const parsed = field.safeParse(undefined);
  return parsed.success ? parsed.data : undefined;
}
