/** Where a command writes: what it was asked for to stdout, everything else to stderr. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether a person watches. */
  readonly interactive: boolean;
  /** One line about what goes on; nothing for programs. */
  progress(line: string): void;
  /** The answer: `text` for people, `value` as one JSON line with --json. */
  answer(value: unknown, text: string): void;
}

export function createOutput({ json = false, quiet = false }: { json?: boolean; quiet?: boolean } = {}): Output {
  return {
    json,
    quiet,
    interactive: !quiet && process.stderr.isTTY === true,
    progress(line) {
      if (!quiet) process.stderr.write(`${line}\n`);
    },
    answer(value, text) {
      process.stdout.write(json ? `${toJson(value)}\n` : text.endsWith("\n") ? text : `${text}\n`);
    },
  };
}

/** JSON of a value; bigints become decimal strings. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === "bigint" ? String(field) : field), indent);
}
