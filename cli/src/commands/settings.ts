import { homedir } from "node:os";
import { Option, type Command } from "commander";
import type { z } from "zod";
import { envName } from "@infernet/sdk/node";

/** The flag of a setting: rpcUrl → --rpc-url. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Adds a flag for each setting. Values stay text: `loadConfig` interprets them, so that flags,
 * environment and file obey one schema.
 * @param hints - what each setting means
 * @param file - of settings, where no other is named
 */
export function addSettings(command: Command, hints: Readonly<Record<string, string>>, file: string): Command {
  command.option("--config <file>", `JSON file with settings, comments allowed; default: ${file.replace(homedir(), "~")}, if it is there`);
  for (const [key, hint] of Object.entries(hints)) command.addOption(new Option(`${flagOf(key)} <value>`, `${hint} [${envName(key)}]`));
  return command;
}

/** The settings that were given as flags. */
export function settingsOf(flags: Readonly<Record<string, unknown>>, schema: z.ZodObject): Record<string, unknown> {
  return Object.fromEntries(Object.keys(schema.shape).flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]]])));
}
