import { expect } from "chai";
import { assemble, command, name, VOID_TYPE } from "../../../testing/assemble.ts";
import { checkModule } from "./check.ts";
import { leb, RefusedModule } from "./reader.ts";

const ZEROS = (count: number): number[] => new Array<number>(count).fill(0);

/**
 * A module with one of everything, so that an instruction with index 0 finds what it names. After
 * `unreachable` the stack has any type, so that every instruction validates without operands.
 */
function holding(instruction: readonly number[]): Uint8Array {
  return assemble({
    types: [VOID_TYPE],
    functions: [0],
    tables: [[0x70, 0, 1]],
    memories: [[0, 1]],
    globals: [[0x7f, 1, 0x41, 0, 0x0b]],
    exports: [[...name("memory"), 2, 0], [...name("_start"), 0, 0]],
    elements: [[1, 0, 1, 0]],
    code: [[1, 1, 0x7f, 0x00, ...instruction, 0x00, 0x0b]],
    data: [[1, 0]],
  });
}

const compiles = (bytes: Uint8Array): boolean => WebAssembly.validate(bytes as BufferSource);
const accepted = (bytes: Uint8Array): boolean => {
  try {
    checkModule(bytes, 16);
    return true;
  } catch (error) {
    expect(error).to.be.instanceOf(RefusedModule);
    return false;
  }
};

/** Ways in which the bytes after an opcode may have to look, tried in turn. */
const IMMEDIATES = [[], [0], [0, 0], [1, 0], [2, 0], [3, 0], [0, 0, 0], [0x40, 0x0b], [0x7f], [1, 0x7f], [0x70], ZEROS(4), ZEROS(8), ZEROS(16)];

describe("instructions", () => {
  const engineTakes = (opcode: readonly number[]): number[] | undefined =>
    IMMEDIATES.map((immediate) => [...opcode, ...immediate]).find((bytes) => compiles(holding(bytes)));
  const plain = [...Array(256).keys()].filter((byte) => ![0xfb, 0xfc, 0xfd, 0xfe].includes(byte)).map((byte) => [byte]);
  const prefixed = (prefix: number, count: number): number[][] => [...Array(count).keys()].map((code) => [prefix, ...leb(code)]);
  // else and end only stand inside a block; ref.null of a type index is of typed references.
  const structure = new Set([0x05, 0x0b, 0xd0]);

  it("of WebAssembly 2.0 are all accepted, and read as the engine reads them", () => {
    let count = 0;
    for (const opcode of [...plain, ...prefixed(0xfc, 18), ...prefixed(0xfd, 256)]) {
      const bytes = engineTakes(opcode);
      if (bytes === undefined || structure.has(opcode[0]!)) continue;
      const later = [0x06, 0x07, 0x08, 0x0a, 0x12, 0x13, 0x14, 0x15, 0x1f, 0xd3, 0xd4, 0xd5, 0xd6];
      expect(accepted(holding(bytes)), bytes.map((byte) => byte.toString(16)).join(" ")).to.equal(opcode.length > 1 || !later.includes(opcode[0]!));
      count++;
    }
    // 1.0 with sign extension: 177, bulk and tables: 18, SIMD: 236 – without the three above.
    expect(count).to.be.greaterThan(420);
    for (const bytes of [[0x04, 0x40, 0x05, 0x0b], [0xd0, 0x70], [0xd0, 0x6f]]) expect(accepted(holding(bytes))).to.equal(true);
    expect(accepted(holding([0xd0, 0x00]))).to.equal(false);
  });

  it("that the engine does not know are never accepted in the space of SIMD", () => {
    for (const opcode of prefixed(0xfd, 256)) if (engineTakes(opcode) === undefined) expect(accepted(holding(opcode))).to.equal(false);
  });

  it("of relaxed SIMD are refused, though the engine would run them", () => {
    const known = prefixed(0xfd, 0x120).slice(0x100).filter((opcode) => compiles(holding(opcode)));
    expect(known).to.not.have.length(0);
    for (const opcode of known) expect(accepted(holding(opcode))).to.equal(false);
  });

  it("of threads are refused", () => {
    for (const opcode of prefixed(0xfe, 0x50)) expect(accepted(holding([...opcode, 0, 0]))).to.equal(false);
  });

  it("of garbage collection, exceptions and tail calls are refused", () => {
    for (const opcode of prefixed(0xfb, 32)) expect(accepted(holding([...opcode, 0, 0]))).to.equal(false);
    for (const bytes of [[0x06, 0x40, 0x19, 0x0b], [0x1f, 0x40, 0x00, 0x0b], [0x12, 0x00]]) expect(accepted(holding(bytes))).to.equal(false);
  });

  it("cannot hide behind overlong numbers, memory indices or constants", () => {
    expect(accepted(command([0x41, 0x80, 0x80, 0x80, 0x80, 0x70, 0x1a]))).to.equal(false);
    expect(accepted(command([0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x1a]))).to.equal(true);
    expect(accepted(command([0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x1a]))).to.equal(true);
    expect(accepted(command([0x41, 0, 0x28, 0x42, 0, 0, 0x1a]))).to.equal(false);
    expect(accepted(command([0x02, 0xff, 0x7f, 0x0b]))).to.equal(false);
    expect(accepted(command([0xfd, 0x0c, ...ZEROS(13), 0xfd, 0x80, 0x02, 0x1a]))).to.equal(true);
    expect(accepted(command([0xfd, 0x0c, ...ZEROS(16), 0xfd, 0x80, 0x02, 0x1a]))).to.equal(false);
  });
});
