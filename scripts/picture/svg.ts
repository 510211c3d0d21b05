import { stripVTControlCharacters } from "node:util";

const [CHARACTER, LINE, MARGIN, BAR] = [8.4, 19, 20, 34];
const COLOURS: Readonly<Record<number, string>> = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 36: "#79c0ff" };
const [BACKGROUND, TEXT, DIM] = ["#0d1117", "#d1d7e0", "#8b949e"];

interface Style {
  readonly colour: string;
  readonly bold: boolean;
}

const PLAIN: Style = { colour: TEXT, bold: false };

/**
 * Draws what a terminal shows as SVG.
 * @param text - output with SGR sequences (bold, dim, red, green, yellow, cyan); other sequences are left out
 * @param title - command line, shown in the bar on top
 */
export function terminalSvg(text: string, title: string): string {
  const lines = text.replace(/\n+$/, "").split("\n");
  const columns = Math.max(...[title, ...lines].map((line) => stripVTControlCharacters(line).length));
  const width = Math.ceil(columns * CHARACTER + 2 * MARGIN);
  const height = BAR + lines.length * LINE + MARGIN;
  const body = lines.map((line, i) => `<text x="${MARGIN}" y="${BAR + (i + 1) * LINE}" xml:space="preserve">${spans(line)}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="${TEXT}">`,
    `<title>${escape(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<text x="${MARGIN}" y="22" fill="${DIM}">$ ${escape(title)}</text>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function spans(line: string): string {
  let style = PLAIN;
  return line
    .split(/(\u001b\[[0-9;]*m)/)
    .map((part) => {
      const codes = /^\u001b\[([0-9;]*)m$/.exec(part);
      if (codes === null) return part === "" ? "" : span(stripVTControlCharacters(part), style);
      for (const code of codes[1]!.split(";")) style = next(style, Number(code));
      return "";
    })
    .join("");
}

function next(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, colour: DIM };
  if (code === 22) return { colour: style.colour === DIM ? TEXT : style.colour, bold: false };
  if (code === 39) return { ...style, colour: TEXT };
  return code in COLOURS ? { ...style, colour: COLOURS[code]! } : style;
}

function span(text: string, { colour, bold }: Style): string {
  const attributes = `${colour === TEXT ? "" : ` fill="${colour}"`}${bold ? ' font-weight="bold"' : ""}`;
  return attributes === "" ? escape(text) : `<tspan${attributes}>${escape(text)}</tspan>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
