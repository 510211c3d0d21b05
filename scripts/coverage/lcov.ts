/** What the tests reached of one file. */
export interface FileCoverage {
  /** Path from the repository root. */
  readonly file: string;
  /** Lines that hold a statement. */
  readonly lines: number;
  /** Those of them on which a statement never ran, in order. */
  readonly missed: readonly number[];
}

/**
 * Reads an lcov report; a file or a line that it names twice counts once, as reached where either says so.
 * @throws Error when it holds no file, or a line count that is none
 */
export function parseLcov(text: string): FileCoverage[] {
  const files = new Map<string, Map<number, boolean>>();
  let current: Map<number, boolean> | undefined;
  for (const record of text.split("\n")) {
    const file = /^SF:(.+)$/.exec(record)?.[1];
    if (file !== undefined) files.set(file, (current = files.get(file) ?? new Map()));
    if (record === "end_of_record") current = undefined;
    if (!record.startsWith("DA:")) continue;
    const [, line, hits] = /^DA:([1-9]\d*),(\d+)(?:,.*)?$/.exec(record) ?? [];
    if (line === undefined || current === undefined) throw new Error(`not a line of an lcov report: ${record.slice(0, 80)}`);
    current.set(Number(line), current.get(Number(line)) === true || Number(hits) > 0);
  }
  if (files.size === 0) throw new Error("the coverage report names no file");
  return [...files].map(([file, lines]) => ({
    file,
    lines: lines.size,
    missed: [...lines].filter(([, reached]) => !reached).map(([line]) => line).sort((a, b) => a - b),
  }));
}
