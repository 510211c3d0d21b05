import { SIGNATURES, WASI_MODULE } from "../wasi-abi.ts";
import { referenceType, valueType, walkBody, walkConstant } from "./instructions.ts";
import { leb, Reader, RefusedModule } from "./reader.ts";

/** Largest module, in bytes: keeps the check and the compilation short. */
export const MAX_MODULE_BYTES = 32 * 1024 * 1024;
/** Most tables, and most entries of one: they live in the host's heap, not in the module's memory. */
export const MAX_TABLES = 8;
export const MAX_TABLE_ENTRIES = 65536;

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const I32 = 0x7f;
const I64 = 0x7e;

/** What the sections tell about the functions and exports. */
interface Shape {
  /** Function types as text, for instance `ii->i`. */
  readonly types: string[];
  /** Type index of every function, imported ones first. */
  readonly functions: number[];
  memories: number;
  tables: number;
  readonly exports: Map<string, { kind: number; index: number }>;
}

/**
 * Checks that a module may run (a WASI preview-1 command of WebAssembly 2.0, nothing more) and
 * caps its memory: the declared maximum becomes at most `memoryPages`, so that memory.grow fails at
 * the same point on every host. Custom sections are dropped.
 * The engine still validates the result; this only makes sure that no engine could differ.
 * @param memoryPages - limit of the manifest, in pages of 64 KiB
 * @returns the module to compile
 * @throws {RefusedModule} with the reason
 */
export function checkModule(bytes: Uint8Array, memoryPages: number): Uint8Array {
  if (bytes.length > MAX_MODULE_BYTES) throw new RefusedModule(`the module is larger than ${MAX_MODULE_BYTES} bytes`);
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw new RefusedModule("not a WebAssembly module of version 1");
  const shape: Shape = { types: [], functions: [], memories: 0, tables: 0, exports: new Map() };
  const parts: Uint8Array[] = [Uint8Array.from(MAGIC)];
  const reader = new Reader(bytes, MAGIC.length);
  while (!reader.done) {
    const start = reader.at;
    const id = reader.byte();
    const body = reader.slice(reader.u32());
    if (id === 0) continue;
    const rewritten = section(id, body, shape, memoryPages);
    if (!body.done) throw new RefusedModule(`section ${id} is longer than its content`);
    parts.push(rewritten === undefined ? bytes.subarray(start, reader.at) : sectionOf(id, rewritten));
  }
  checkEntry(shape);
  return Uint8Array.from(Buffer.concat(parts));
}

/** Checks one section; returns its new content where it has to change. */
function section(id: number, body: Reader, shape: Shape, memoryPages: number): number[] | undefined {
  switch (id) {
    case 1:
      return vector(body, () => void shape.types.push(functionType(body)));
    case 2:
      return vector(body, () => void shape.functions.push(importedFunction(body, shape)));
    case 3:
      return vector(body, () => void shape.functions.push(body.u32()));
    case 4:
      return tables(body, shape);
    case 5:
      return memories(body, shape, memoryPages);
    case 6:
      return vector(body, () => {
        valueType(body);
        if (body.byte() > 1) throw new RefusedModule("a global is neither constant nor mutable");
        walkConstant(body);
      });
    case 7:
      return vector(body, () => {
        const name = body.name();
        shape.exports.set(name, { kind: body.byte(), index: body.u32() });
      });
    case 8: // start
    case 12: // data count
      body.u32();
      return undefined;
    case 9:
      return vector(body, () => element(body));
    case 10:
      return vector(body, () => {
        const code = body.slice(body.u32());
        walkBody(code);
      });
    case 11:
      return vector(body, () => {
        const kind = body.u32();
        if (kind > 1) throw new RefusedModule("a data segment names another memory");
        if (kind === 0) walkConstant(body);
        body.skip(body.u32());
      });
    default:
      throw new RefusedModule(`section ${id} is not allowed`);
  }
}

function vector(body: Reader, entry: () => void): undefined {
  for (let count = body.u32(); count > 0; count--) entry();
}

function functionType(body: Reader): string {
  if (body.byte() !== 0x60) throw new RefusedModule("only function types are allowed");
  const list = (): string => {
    let text = "";
    for (let count = body.u32(); count > 0; count--) {
      const type = valueType(body);
      text += type === I32 ? "i" : type === I64 ? "I" : "?";
    }
    return text;
  };
  const params = list();
  return `${params}->${list()}`;
}

function importedFunction(body: Reader, shape: Shape): number {
  const from = body.name();
  const name = body.name();
  if (from !== WASI_MODULE || !Object.hasOwn(SIGNATURES, name) || body.byte() !== 0)
    throw new RefusedModule(`import ${JSON.stringify(from.slice(0, 60))} ${JSON.stringify(name.slice(0, 60))} is not of WASI preview 1`);
  const type = body.u32();
  if (shape.types[type] !== `${SIGNATURES[name]}->${name === "proc_exit" ? "" : "i"}`)
    throw new RefusedModule(`import ${name} has another signature than in WASI preview 1`);
  return type;
}

/** Minimum and declared maximum; shared and 64-bit memories have other flags and are refused. */
function limits(body: Reader): { min: number; max: number | undefined } {
  const flags = body.byte();
  if (flags > 1) throw new RefusedModule("shared and 64-bit memories and tables are not allowed");
  const min = body.u32();
  return { min, max: flags === 1 ? body.u32() : undefined };
}

function memories(body: Reader, shape: Shape, memoryPages: number): number[] {
  shape.memories = body.u32();
  if (shape.memories !== 1) throw new RefusedModule("a module has exactly one memory");
  const { min, max } = limits(body);
  if (min > memoryPages) throw new RefusedModule(`the module starts with ${min} pages, the limit is ${memoryPages}`);
  return [1, 1, ...leb(min), ...leb(Math.min(max ?? memoryPages, memoryPages))];
}

function tables(body: Reader, shape: Shape): number[] {
  shape.tables = body.u32();
  if (shape.tables > MAX_TABLES) throw new RefusedModule(`more than ${MAX_TABLES} tables`);
  const out = leb(shape.tables);
  for (let table = 0; table < shape.tables; table++) {
    const type = referenceType(body);
    const { min, max } = limits(body);
    if (min > MAX_TABLE_ENTRIES) throw new RefusedModule(`a table with more than ${MAX_TABLE_ENTRIES} entries`);
    out.push(type, 1, ...leb(min), ...leb(Math.min(max ?? MAX_TABLE_ENTRIES, MAX_TABLE_ENTRIES)));
  }
  return out;
}

/** An element segment: bit 0 passive or declared, bit 1 names a table (or declared), bit 2 expressions. */
function element(body: Reader): void {
  const flags = body.u32();
  if (flags > 7) throw new RefusedModule("unknown kind of element segment");
  const active = (flags & 1) === 0;
  if (active && (flags & 2) !== 0) body.u32();
  if (active) walkConstant(body);
  const expressions = (flags & 4) !== 0;
  if ((flags & 3) !== 0) {
    if (expressions) referenceType(body);
    else if (body.byte() !== 0) throw new RefusedModule("unknown kind of element");
  }
  vector(body, () => (expressions ? walkConstant(body) : void body.u32()));
}

function checkEntry(shape: Shape): void {
  const memory = shape.exports.get("memory");
  if (memory?.kind !== 2) throw new RefusedModule("the module exports no memory named memory");
  const start = shape.exports.get("_start");
  const type = start?.kind === 0 ? shape.types[shape.functions[start.index] ?? -1] : undefined;
  if (type !== "->") throw new RefusedModule("the module exports no function _start without parameters and results");
}

function sectionOf(id: number, content: number[]): Uint8Array {
  return Uint8Array.from([id, ...leb(content.length), ...content]);
}
