import { leb } from "../wasm/child/module/reader.ts";

/** Parts of a module; each list entry is the binary form of one entry of the section. */
export interface ModuleParts {
  readonly types?: readonly (readonly number[])[];
  readonly imports?: readonly (readonly number[])[];
  /** Type index of each function. */
  readonly functions?: readonly number[];
  readonly tables?: readonly (readonly number[])[];
  readonly memories?: readonly (readonly number[])[];
  readonly globals?: readonly (readonly number[])[];
  readonly exports?: readonly (readonly number[])[];
  readonly elements?: readonly (readonly number[])[];
  /** Bodies: locals and instructions, with the final end. */
  readonly code?: readonly (readonly number[])[];
  readonly data?: readonly (readonly number[])[];
  /** Sections put at the end as they are. */
  readonly extra?: readonly number[];
}

/** The type of _start: no parameters, no results. */
export const VOID_TYPE = [0x60, 0, 0];

/** A name with its length. */
export function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...leb(bytes.length), ...bytes];
}

/** Puts the sections of a module together. */
export function assemble(parts: ModuleParts): Uint8Array {
  const section = (id: number, entries: readonly (readonly number[])[] | undefined): number[] => {
    if (entries === undefined) return [];
    const content = [...leb(entries.length), ...entries.flat()];
    return [id, ...leb(content.length), ...content];
  };
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, parts.types),
    ...section(2, parts.imports),
    ...section(3, parts.functions?.map(leb)),
    ...section(4, parts.tables),
    ...section(5, parts.memories),
    ...section(6, parts.globals),
    ...section(7, parts.exports),
    ...section(9, parts.elements),
    ...(parts.data === undefined ? [] : [12, 1, parts.data.length]),
    ...section(10, parts.code?.map((body) => [...leb(body.length), ...body])),
    ...section(11, parts.data),
    ...(parts.extra ?? []),
  ]);
}

/** A command whose _start holds `instructions` (without the end), with one page of memory. */
export function command(instructions: readonly number[], parts: ModuleParts = {}): Uint8Array {
  return assemble({
    types: [VOID_TYPE],
    functions: [0],
    memories: [[0, 1]],
    exports: [
      [...name("memory"), 2, 0],
      [...name("_start"), 0, 0],
    ],
    code: [[0, ...instructions, 0x0b]],
    ...parts,
  });
}
