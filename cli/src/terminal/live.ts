import { stripVTControlCharacters } from "node:util";

/** Lines that are drawn again in place on a terminal. */
export class LiveLines {
  readonly #stream: NodeJS.WriteStream;
  #drawn = 0;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** Replaces what was drawn last. */
  draw(lines: readonly string[]): void {
    const width = this.#stream.columns ?? 80;
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "";
    const body = lines.map((line) => `\u001b[2K${clip(line, width)}\n`).join("");
    this.#stream.write(`${up}${body}\u001b[0J`);
    this.#drawn = lines.length;
  }

  /** Leaves what was drawn last where it is. */
  end(): void {
    this.#drawn = 0;
  }
}

/** Cuts a line to the width of the terminal: a wrapped line would spoil the count. */
function clip(line: string, width: number): string {
  if (stripVTControlCharacters(line).length <= width) return line;
  return stripVTControlCharacters(line).slice(0, width - 1);
}
