import { stripVTControlCharacters, styleText } from "node:util";

/** Whether a stream shows colours. NO_COLOR and FORCE_COLOR decide, else whether it is a terminal. */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR = "", FORCE_COLOR = "" } = process.env;
  if (NO_COLOR !== "") return false;
  return FORCE_COLOR === "" ? stream.isTTY === true : FORCE_COLOR !== "0";
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
