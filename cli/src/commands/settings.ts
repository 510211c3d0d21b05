import { Option, type Command } from "commander";
import type { z } from "zod";
import { envName } from "@infernet/sdk/node";

/** The flag of a setting: rpcUrl → --rpc-url. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Adds a flag for each setting of a schema. Values stay text: `loadConfig` interprets them, so that
 * flags, environment and file obey one schema. `hints` are told to people, by setting.
 */
export function addSettings(command: Command, schema: z.ZodObject, hints: Readonly<Record<string, string>>): Command {
  command.option("--config <file>", "JSON file with settings; flags and environment win over it");
  for (const key of Object.keys(schema.shape)) {
    const hint = hints[key] === undefined ? "" : `${hints[key]} `;
    command.addOption(new Option(`${flagOf(key)} <value>`, `${hint}[${envName(key)}]`).hideHelp(hints[key] === undefined));
  }
  return command;
}

/** The settings that were given as flags. */
export function settingsOf(flags: Readonly<Record<string, unknown>>, schema: z.ZodObject): Record<string, unknown> {
  return Object.fromEntries(Object.keys(schema.shape).flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]]])));
}
