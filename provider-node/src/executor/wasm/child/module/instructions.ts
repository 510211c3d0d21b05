import { RefusedModule, type Reader } from "./reader.ts";

/**
 * The instructions of WebAssembly 2.0, and nothing else, with what follows each. Whatever came
 * later is refused because it is not the same on all hosts (relaxed SIMD, threads), would let a
 * module see a host's limits (exceptions catch stack overflow), or is not in every engine.
 */
type Immediate =
  | "none"
  | "block"
  | "index"
  | "index2"
  | "table"
  | "types"
  | "memarg"
  | "memarg+lane"
  | "lane"
  | "zero"
  | "index+zero"
  | "zero2"
  | "i32"
  | "i64"
  | "4"
  | "8"
  | "16"
  | "reftype";

const PLAIN = opcodes({
  none: [[0x00, 0x01], [0x05, 0x05], [0x0b, 0x0b], [0x0f, 0x0f], [0x1a, 0x1b], [0x45, 0xc4], [0xd1, 0xd1]],
  block: [[0x02, 0x04]],
  index: [[0x0c, 0x0d], [0x10, 0x10], [0x20, 0x26], [0xd2, 0xd2]],
  index2: [[0x11, 0x11]],
  table: [[0x0e, 0x0e]],
  types: [[0x1c, 0x1c]],
  memarg: [[0x28, 0x3e]],
  zero: [[0x3f, 0x40]],
  i32: [[0x41, 0x41]],
  i64: [[0x42, 0x42]],
  "4": [[0x43, 0x43]],
  "8": [[0x44, 0x44]],
  reftype: [[0xd0, 0xd0]],
});

/** After 0xfc: saturating conversions, bulk memory, tables. */
const BULK = opcodes({
  none: [[0x00, 0x07]],
  "index+zero": [[0x08, 0x08]],
  index: [[0x09, 0x09], [0x0d, 0x0d], [0x0f, 0x11]],
  zero2: [[0x0a, 0x0a]],
  zero: [[0x0b, 0x0b]],
  index2: [[0x0c, 0x0c], [0x0e, 0x0e]],
});

/** After 0xfd: fixed-width SIMD. The gaps once held relaxed SIMD; today it starts at 0x100. */
const SIMD = opcodes({
  memarg: [[0x00, 0x0b], [0x5c, 0x5d]],
  "16": [[0x0c, 0x0d]],
  lane: [[0x15, 0x22]],
  "memarg+lane": [[0x54, 0x5b]],
  none: [
    [0x0e, 0x14], [0x23, 0x53], [0x5e, 0x99], [0x9b, 0xa1], [0xa3, 0xa4], [0xa7, 0xae], [0xb1, 0xb1], [0xb5, 0xba],
    [0xbc, 0xc1], [0xc3, 0xc4], [0xc7, 0xce], [0xd1, 0xd1], [0xd5, 0xe1], [0xe3, 0xed], [0xef, 0xff],
  ],
});

/** Instructions of constant expressions, beside those of {@link SIMD}'s v128.const. */
const CONSTANT = new Set([0x0b, 0x23, 0x41, 0x42, 0x43, 0x44, 0xd0, 0xd2]);

/** Value types: i32, i64, f32, f64, v128, funcref, externref. */
const VALUE_TYPES = new Set([0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f]);

/** Reads a value type. @throws {RefusedModule} when it is not of WebAssembly 2.0 */
export function valueType(reader: Reader): number {
  const type = reader.byte();
  if (!VALUE_TYPES.has(type)) throw new RefusedModule(`value type 0x${type.toString(16)} is not allowed`);
  return type;
}

/** Reads a reference type. @throws {RefusedModule} when it is not of WebAssembly 2.0 */
export function referenceType(reader: Reader): number {
  const type = valueType(reader);
  if (type !== 0x70 && type !== 0x6f) throw new RefusedModule(`type 0x${type.toString(16)} is not a reference type`);
  return type;
}

/**
 * Walks over all instructions of a function body.
 * @throws {RefusedModule} for an instruction that is not allowed
 */
export function walkBody(reader: Reader): void {
  for (let groups = reader.u32(); groups > 0; groups--) {
    reader.u32();
    valueType(reader);
  }
  while (!reader.done) instruction(reader);
}

/**
 * Walks over a constant expression, including its end.
 * @throws {RefusedModule} for an instruction that is not allowed
 */
export function walkConstant(reader: Reader): void {
  for (;;) {
    const opcode = reader.bytes[reader.at];
    const v128 = opcode === 0xfd && reader.bytes[reader.at + 1] === 0x0c;
    if (opcode === undefined || !(v128 || CONSTANT.has(opcode))) throw refused("in a constant expression", opcode ?? 0);
    instruction(reader);
    if (opcode === 0x0b) return;
  }
}

function instruction(reader: Reader): void {
  const opcode = reader.byte();
  let kind: Immediate | undefined;
  if (opcode === 0xfc) kind = BULK[reader.u32()];
  else if (opcode === 0xfd) kind = SIMD[reader.u32()];
  else kind = PLAIN[opcode];
  if (kind === undefined) throw refused(`at byte ${reader.at}`, opcode);
  if (kind !== "none") immediate(reader, kind);
}

function immediate(reader: Reader, kind: Exclude<Immediate, "none">): void {
  switch (kind) {
    case "block":
      blockType(reader);
      return;
    case "index":
      reader.u32();
      return;
    case "index2":
      reader.u32();
      reader.u32();
      return;
    case "table":
      for (let labels = reader.u32() + 1; labels > 0; labels--) reader.u32();
      return;
    case "types":
      for (let types = reader.u32(); types > 0; types--) valueType(reader);
      return;
    case "memarg+lane":
    case "memarg":
      // Bit 6 of the alignment announces the index of another memory.
      if (reader.u32() >= 0x40) throw refused(`with a memory index at byte ${reader.at}`, 0);
      reader.u32();
      if (kind === "memarg+lane") reader.skip(1);
      return;
    case "lane":
      reader.skip(1);
      return;
    case "zero2":
      zero(reader);
      zero(reader);
      return;
    case "index+zero":
      reader.u32();
      zero(reader);
      return;
    case "zero":
      zero(reader);
      return;
    case "i32":
      reader.skipSigned(32);
      return;
    case "i64":
      reader.skipSigned(64);
      return;
    case "reftype":
      referenceType(reader);
      return;
    default:
      reader.skip(Number(kind));
  }
}

/** 0x40 for none, a value type, or the index of a function type (a signed number that is not negative). */
function blockType(reader: Reader): void {
  const first = reader.bytes[reader.at] ?? 0;
  if (first === 0x40) return reader.skip(1);
  if ((first & 0xc0) === 0x40) return void valueType(reader);
  reader.u32();
  if ((reader.bytes[reader.at - 1]! & 0x40) !== 0) throw refused(`with a negative type index at byte ${reader.at}`, 0x02);
}

function zero(reader: Reader): void {
  if (reader.byte() !== 0) throw refused(`with a memory index at byte ${reader.at}`, 0);
}

function refused(where: string, opcode: number): RefusedModule {
  return new RefusedModule(`instruction 0x${opcode.toString(16)} ${where} is not allowed (WebAssembly 2.0 without extensions)`);
}

function opcodes(ranges: Partial<Record<Immediate, readonly (readonly [number, number])[]>>): (Immediate | undefined)[] {
  const table: (Immediate | undefined)[] = new Array<undefined>(256).fill(undefined);
  for (const [kind, list] of Object.entries(ranges) as [Immediate, [number, number][]][])
    for (const [from, to] of list) table.fill(kind, from, to + 1);
  return table;
}
