import { stripVTControlCharacters, styleText } from "node:util";

/** Whether a stream shows colours. https://no-color.org */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? "") === "";
}

type Format = Parameters<typeof styleText>[0];

/** Colours text where `enabled`. */
export function painter(enabled: boolean): (format: Format, text: string) => string {
  return (format, text) => (enabled ? styleText(format, text, { validateStream: false }) : text);
}

export type Paint = ReturnType<typeof painter>;

/** Text in columns: each as wide as its widest cell; colours take no width. */
export function columns(rows: readonly (readonly string[])[], gap = "  "): string[] {
  const length = (cell: string) => stripVTControlCharacters(cell).length;
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, length(cell))));
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell + " ".repeat(widths[i]! - length(cell)))).join(gap).trimEnd());
}
