import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { hostileNames, hostilePath, workloads } from "../index.ts";
import { compileModule, runModule, type Outcome } from "../testing/run-module.ts";

const RESULT = '{"ok":true}\n';

function run(name: (typeof hostileNames)[number], lines = 3): Outcome {
  return runModule(compileModule(hostilePath(name)), new Map(), "{}\n".repeat(lines));
}

describe("hostile modules", () => {
  it("are all registered", () => {
    const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".wasm"));
    expect(files.sort()).deep.equal([...hostileNames].sort().map((name) => `${name}.wasm`));
  });

  it("print what they are meant to print", () => {
    const printed = { honest: RESULT.repeat(3), few: RESULT.repeat(2), many: RESULT.repeat(4), exit: RESULT.repeat(3), unended: RESULT.repeat(3).trimEnd() };
    for (const [name, text] of Object.entries(printed)) expect(run(name as keyof typeof printed).stdout.toString("utf8"), name).equal(text);
    expect(run("exit").code).equal(3);
    expect(run("longline").stdout.length).above(8 << 20);
    expect(run("stderr").stderr.length).equal(64 << 20);
    expect(run("garbage").stdout.subarray(0, 4)).deep.equal(Buffer.from([0xff, 0xfe, 0x80, 10]));
    expect(run("peek", 1).stdout.toString("utf8")).match(/^\{"clock":\[\d+,\d+\],"random":\[\d+,"[0-9a-f]{16}"\],"opened":\d+\}\n$/);
  });

  it("trap, recurse without end, or import what is not there", () => {
    expect(() => run("trap")).throw(WebAssembly.RuntimeError);
    expect(() => run("recursion")).throw(RangeError);
    expect(() => run("foreign")).throw(TypeError);
  });

  it("need limits of the host: flood, loop and memory are not run here", () => {
    for (const name of ["flood", "loop", "memory"] as const) expect(compileModule(hostilePath(name))).instanceof(WebAssembly.Module);
  });
});

describe("honest modules", () => {
  it("import nothing of the host but reading, writing and exit", () => {
    const allowed = ["fd_pread", "fd_prestat_dir_name", "fd_prestat_get", "fd_read", "fd_write", "path_open", "proc_exit"];
    for (const { wasmPath } of Object.values(workloads)) {
      const module = new WebAssembly.Module(readFileSync(wasmPath));
      const imports = WebAssembly.Module.imports(module);
      expect(imports.every(({ module: from }) => from === "wasi_snapshot_preview1")).equal(true);
      expect(imports.map(({ name }) => name).sort()).deep.equal(allowed);
      expect(WebAssembly.Module.exports(module).map(({ name }) => name).sort()).deep.equal(["_start", "memory"]);
    }
  });
});
