import { expect } from "chai";
import { readFileSync } from "node:fs";
import { hostilePath, workloads } from "../../../../../../workloads/index.ts";
import { assemble, command, name, VOID_TYPE } from "../../../testing/assemble.ts";
import { checkModule, MAX_MODULE_BYTES } from "./check.ts";
import { RefusedModule } from "./reader.ts";

const PAGES = 16;
const compile = (bytes: Uint8Array): WebAssembly.Module => new WebAssembly.Module(checkModule(bytes, PAGES) as BufferSource);
const refused = (bytes: Uint8Array, reason: RegExp): void => {
  expect(() => checkModule(bytes, PAGES)).to.throw(RefusedModule, reason);
};
const wasiImport = (from: string, field: string, type: number): number[] => [...name(from), ...name(field), 0, type];

describe("checkModule", () => {
  it("accepts what the engine then compiles", () => {
    compile(command([]));
    for (const path of [workloads.digits.wasmPath, hostilePath("honest"), hostilePath("peek")])
      new WebAssembly.Module(checkModule(readFileSync(path), 64) as BufferSource);
  });

  describe("memory", () => {
    const grown = (limits: number[], pages: number): number => {
      const module = new WebAssembly.Module(checkModule(command([], { memories: [limits] }), pages) as BufferSource);
      const memory = new WebAssembly.Instance(module).exports.memory as WebAssembly.Memory;
      for (;;) {
        try {
          memory.grow(1);
        } catch {
          return memory.buffer.byteLength / 65536;
        }
      }
    };
    it("ends at the limit where the module declares no maximum", () => expect(grown([0, 1], 7)).to.equal(7));
    it("ends at the limit where the module declares more", () => expect(grown([1, 1, 200, 1], 7)).to.equal(7));
    it("ends at the module's own maximum where that is less", () => expect(grown([1, 1, 3], 7)).to.equal(3));
    it("may start at the limit, not above", () => {
      expect(grown([0, 7], 7)).to.equal(7);
      refused(command([], { memories: [[0, PAGES + 1]] }), /starts with 17 pages/);
    });
    it("is neither shared nor 64 bit nor one of two", () => {
      refused(command([], { memories: [[3, 1, 2]] }), /shared and 64-bit/);
      refused(command([], { memories: [[4, 1]] }), /shared and 64-bit/);
      refused(command([], { memories: [[0, 1], [0, 1]] }), /exactly one memory/);
      refused(command([], { memories: [] }), /exactly one memory/);
    });
  });

  it("caps tables", () => {
    const table = (...limits: number[]): Uint8Array => command([], { tables: [[0x70, ...limits]], exports: [...exported, [...name("t"), 1, 0]] });
    const exported = [[...name("memory"), 2, 0], [...name("_start"), 0, 0]];
    const instance = new WebAssembly.Instance(compile(table(0, 1)));
    expect(() => (instance.exports.t as WebAssembly.Table).grow(65536)).to.throw(RangeError);
    (instance.exports.t as WebAssembly.Table).grow(65535);
    refused(table(0, 0x81, 0x80, 0x04), /more than 65536 entries/);
    refused(command([], { tables: new Array<number[]>(9).fill([0x70, 0, 1]) }), /more than 8 tables/);
  });

  it("refuses imports outside WASI preview 1, and those with another signature", () => {
    const types = [VOID_TYPE, [0x60, 2, 0x7f, 0x7f, 1, 0x7f]];
    const exports = [[...name("memory"), 2, 0], [...name("_start"), 0, 1]];
    const importing = (...entry: number[]): Uint8Array => command([], { types, imports: [entry], exports });
    compile(importing(...wasiImport("wasi_snapshot_preview1", "random_get", 1)));
    compile(importing(...wasiImport("wasi_snapshot_preview1", "sock_shutdown", 1)));
    refused(importing(...wasiImport("env", "random_get", 1)), /import "env" "random_get"/);
    refused(importing(...wasiImport("wasi_snapshot_preview1", "path_exec", 1)), /not of WASI/);
    refused(importing(...wasiImport("wasi_snapshot_preview1", "toString", 1)), /not of WASI/);
    refused(importing(...wasiImport("wasi_snapshot_preview1", "random_get", 0)), /another signature/);
    refused(importing(...name("wasi_snapshot_preview1"), ...name("random_get"), 2, 0, 1), /not of WASI/);
  });

  it("wants a memory and a _start", () => {
    refused(command([], { exports: [[...name("_start"), 0, 0]] }), /no memory/);
    refused(command([], { exports: [[...name("memory"), 2, 0]] }), /no function _start/);
    refused(command([], { types: [[0x60, 1, 0x7f, 0]] }), /no function _start/);
    refused(command([], { exports: [[...name("memory"), 2, 0], [...name("_start"), 2, 0]] }), /no function _start/);
  });

  it("refuses what is no module, too large, or of later versions", () => {
    refused(new Uint8Array(0), /not a WebAssembly module/);
    refused(new TextEncoder().encode("#!/bin/sh\necho hello"), /not a WebAssembly module/);
    refused(new Uint8Array(MAX_MODULE_BYTES + 1), /larger than/);
    refused(command([], { types: [VOID_TYPE, [0x5f, 0]] }), /only function types/);
    refused(command([], { types: [VOID_TYPE, [0x60, 1, 0x6e, 0]] }), /value type 0x6e/);
    refused(command([], { extra: [13, 3, 1, 0, 0] }), /section 13/);
    refused(command([], { globals: [[0x7f, 2, 0x41, 0, 0x0b]] }), /neither constant nor mutable/);
    refused(command([], { globals: [[0x7f, 0, 0x41, 0, 0x41, 0, 0x6a, 0x0b]] }), /constant expression/);
    refused(assemble({ types: [[0x60, 0x80, 0x80, 0x80, 0x80, 0x10]] }), /overlong/);
  });

  it("drops custom sections, where hints for the engine could hide", () => {
    const bytes = checkModule(command([], { extra: [0, 6, ...name("hints")] }), PAGES);
    expect(WebAssembly.Module.customSections(new WebAssembly.Module(bytes as BufferSource), "hints")).to.have.length(0);
  });

  it("answers every truncated and every mutated module, and never with anything but a refusal", () => {
    const original = readFileSync(hostilePath("peek"));
    for (let length = 0; length < original.length; length++) attempt(original.subarray(0, length));
    let state = 20240607; // seed
    const random = (below: number): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % below;
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from(original);
      for (let change = 0; change <= round % 4; change++) bytes[random(bytes.length)] = random(256);
      attempt(bytes);
    }
  });
});

function attempt(bytes: Uint8Array): void {
  try {
    checkModule(bytes, PAGES);
  } catch (error) {
    if (!(error instanceof RefusedModule)) throw error;
  }
}
