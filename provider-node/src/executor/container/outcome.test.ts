import { expect } from "chai";
import { isInfernetError } from "@infernet/sdk/core";
import type { ContainerState } from "./containers.ts";
import { moduleRun } from "./outcome.ts";

describe("the end of a container", () => {
  const state = (exitCode: number, change: Partial<ContainerState> = {}): ContainerState => ({ running: false, pid: 0, exitCode, outOfMemory: false, started: true, ...change });
  const stdout = new Uint8Array([1]);
  const meaning = (exitCode: number, seen: ContainerState | null = state(exitCode), { outOfMemory = false, overflowed = false, stderr = "" } = {}): string => {
    try {
      return moduleRun({ exitCode, stdout, stderr, overflowed }, seen ?? undefined, outOfMemory).outcome;
    } catch (error) {
      return isInfernetError(error) ? error.code : String(error);
    }
  };

  it("is a result where every host would see the same", () => {
    expect([0, 1, 125, 126, 127, 128].map((code) => meaning(code))).to.deep.equal(["ok", "exit", "exit", "exit", "exit", "exit"]);
    // SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGPIPE
    expect([132, 134, 135, 136, 139, 141].map((code) => meaning(code))).to.deep.equal(new Array(6).fill("trap"));
  });

  it("is none where somebody may have ended it from outside", () => {
    expect([129, 130, 131, 137, 143].map((code) => meaning(code))).to.deep.equal(new Array(5).fill("execution_failed"));
  });

  it("is none where memory ran out, however well it ended", () => {
    expect(meaning(0, state(0), { outOfMemory: true })).to.equal("execution_memory");
    expect(meaning(0, state(0, { outOfMemory: true }))).to.equal("execution_memory");
    expect(meaning(0, null, { outOfMemory: true, overflowed: true })).to.equal("execution_memory");
  });

  it("is none where it never began, or the engine is not sure", () => {
    expect(meaning(127, state(0, { started: false }), { stderr: 'exec: "/x": stat /x: no such file or directory' })).to.equal("runtime_unavailable");
    expect(meaning(126, state(0, { started: false }), { stderr: "read init-p: connection reset by peer" })).to.equal("execution_failed");
    expect(meaning(0, null)).to.equal("execution_failed");
    expect(meaning(0, state(1))).to.equal("execution_failed");
    expect(meaning(0, state(0, { running: true }))).to.equal("execution_failed");
  });

  it("does not matter once it has written too much", () => {
    expect(meaning(0, null, { overflowed: true })).to.equal("ok");
  });
});
