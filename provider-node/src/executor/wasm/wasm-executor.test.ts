import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isInfernetError } from "@infernet/sdk/core";
import { executorCompliance, isRunning, PROGRAM_FAILURES } from "../compliance.ts";
import { command, name, VOID_TYPE } from "../testing/assemble.ts";
import { digitsOutput, digitsTask, hostileTask, taskOf } from "../testing/workloads.ts";
import { WasmExecutor } from "./wasm-executor.ts";

executorCompliance("wasm", {
  create: () => new WasmExecutor(),
  task: hostileTask,
  real: () => ({ task: digitsTask(), output: digitsOutput() }),
  processes: (executor) => (executor as WasmExecutor).pids,
  // Memory ends at the same page everywhere, the stack where the host's does.
  gives: { ...PROGRAM_FAILURES, memory: { failure: "trap" }, recursion: { error: "execution_failed" } },
  sealed: true,
});

describe("WasmExecutor", function () {
  this.timeout(60_000);
  let executor: WasmExecutor;
  beforeEach(() => (executor = new WasmExecutor({ maxChildren: 2, maxMemoryPages: 256, maxOutputBytes: 1 << 20 })));
  afterEach(() => executor.close());
  const code = (promise: Promise<unknown>): Promise<string> =>
    promise.then(() => "none", (error: unknown) => (isInfernetError(error) ? error.code : String(error)));

  it("keeps a child warm for the same module, and a fresh instance for each execution", async () => {
    // Traps unless the first word of its memory is zero, then writes to it.
    const once = command([0x41, 0, 0x28, 2, 0, 0x04, 0x40, 0x00, 0x0b, 0x41, 0, 0x41, 1, 0x36, 2, 0]);
    const outcomes = [await executor.execute(taskOf(once, 1)), await executor.execute(taskOf(once, 1))];
    expect(outcomes.map(({ detail }) => detail)).to.deep.equal([undefined, undefined]);
    expect(executor.pids).to.have.length(1);
    const [pid] = executor.pids;
    await executor.execute(hostileTask("honest", 1));
    await executor.execute(taskOf(once, 1));
    expect(executor.pids).to.include(pid);
    expect(executor.pids).to.have.length(2);
  });

  it("replaces a child that had to be given up", async () => {
    await executor.execute(hostileTask("recursion", 1)).catch(() => undefined);
    expect(executor.pids).to.have.length(0);
    expect((await executor.execute(hostileTask("honest", 1))).status).to.equal("ok");
  });

  it("ends memory.grow at memoryPages exactly", async () => {
    // _start: if memory.grow(arg) fails, trap.
    const grow = (pages: number): Uint8Array => command([0x41, ...[(pages & 0x7f) | 0x80, pages >> 7], 0x40, 0, 0x41, 0x7f, 0x46, 0x04, 0x40, 0x00, 0x0b]);
    const limits = { memoryPages: 200 };
    expect((await executor.execute(taskOf(grow(199), 1, limits))).code).to.equal("line_count");
    expect((await executor.execute(taskOf(grow(200), 1, limits))).code).to.equal("trap");
  });

  it("compiles with one compiler, so that the bits of a NaN do not change while a module runs", async () => {
    const nan = (payload: number): number[] => [0x41, payload, 0x41, 0x80, 0x80, 0x80, 0xfe, 0x07, 0x72];
    const sum = [...nan(1), ...nan(2), 0x10, 0];
    // Function 0 adds two floats given as bits. _start traps when one of 30 million sums differs from the first.
    const start = [...sum, 0x21, 0, 0x03, 0x40, ...sum, 0x20, 0, 0x47, 0x04, 0x40, 0x00, 0x0b];
    const loop = [0x20, 1, 0x41, 1, 0x6a, 0x22, 1, 0x41, 0x80, 0x87, 0xa7, 0x0e, 0x48, 0x0d, 0, 0x0b];
    const module = command([], {
      types: [[0x60, 2, 0x7f, 0x7f, 1, 0x7f], VOID_TYPE],
      functions: [0, 1],
      exports: [[...name("memory"), 2, 0], [...name("_start"), 0, 1]],
      code: [
        [0, 0x20, 0, 0xbe, 0x20, 1, 0xbe, 0x92, 0xbc, 0x0b],
        [1, 2, 0x7f, ...start, ...loop, 0x0b],
      ],
    });
    expect((await executor.execute(taskOf(module, 1))).code).to.equal("line_count");
  });

  it("explains a refused module, again and again, as the same result", async () => {
    const task = taskOf(new TextEncoder().encode("no module"), 2);
    for (const outcome of [await executor.execute(task), await executor.execute(task)]) {
      expect(outcome.code).to.equal("trap");
      expect(outcome.detail).to.match(/not a WebAssembly module/);
    }
  });

  it("makes a module that the engine does not validate a trap", async () => {
    const outcome = await executor.execute(taskOf(command([0x6a]), 1));
    expect([outcome.code, outcome.detail]).to.satisfy(([one, detail]: string[]) => one === "trap" && /CompileError/.test(detail!));
  });

  it("refuses what this host does not want to spend", async () => {
    expect(await code(executor.execute(taskOf(command([]), 1, { memoryPages: 257 })))).to.equal("runtime_unavailable");
    expect(await code(executor.execute(taskOf(command([]), 5000, { lineBytes: 1000 })))).to.equal("runtime_unavailable");
  });

  it("takes back the memory of every execution", async () => {
    // Touches all of 200 pages; two of them may be alive at once, ten may not.
    const touch = command([0x41, 0xc7, 1, 0x40, 0, 0x1a, 0x41, 0, 0x41, 7, 0x41, 0x80, 0x80, 0xa0, 0x06, 0xfc, 0x0b, 0]);
    const task = taskOf(touch, 1, { memoryPages: 200 });
    for (let round = 0; round < 20; round++) expect((await executor.execute(task)).code).to.equal("line_count");
    if (process.platform !== "linux") return;
    const resident = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${executor.pids[0]}/status`, "utf8"))![1]) / 1024;
    expect(resident).to.be.lessThan(200);
  });

  it("takes its children with it when it dies, even those in an endless loop", async () => {
    const script = fileURLToPath(new URL("../testing/loop-forever.ts", import.meta.url));
    const parent = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const child = Number(line.toString());
    expect(isRunning(child)).to.equal(true);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    // The kernel delivers the child's signal on its own; mocha's time limit ends the wait.
    while (isRunning(child)) await new Promise((resolve) => setImmediate(resolve));
  });
});
