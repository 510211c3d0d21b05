import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";

/** Runs a daemon; sends a signal each time that a line of its output says so. */
async function daemon(mode: string, signals: Readonly<Record<string, NodeJS.Signals>> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "testing/lifecycle-daemon.ts"), mode], { stdio: ["ignore", "pipe", "pipe"] });
  const out: string[] = [];
  let log = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.trimEnd().split("\n")) {
      out.push(line);
      if (signals[line]) child.kill(signals[line]);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, log };
}

describe("daemon lifecycle", function () {
  this.timeout(20_000);

  for (const signal of ["SIGINT", "SIGTERM"] as const)
    it(`ends in order at ${signal}: main is told, parts close in reverse order, exit code 0`, async () => {
      const { code, out } = await daemon("wait", { ready: signal });
      expect([code, ...out]).to.deep.equal([0, "ready", "told", "closed second", "closed first"]);
    });

  it("exits at once at the second signal", async () => {
    const { code, out } = await daemon("hang", { ready: "SIGINT", told: "SIGINT" });
    expect([code, ...out]).to.deep.equal([130, "ready", "told"]);
  });

  it("ends with 0 when main returns", async () => {
    expect(await daemon("return")).to.deep.include({ code: 0, out: ["closed second", "closed first"] });
  });

  it("ends with 1 and logs why when main throws or an error is caught by nobody", async () => {
    for (const [mode, message] of [["throw", "broken"], ["stray", "stray"]] as const) {
      const { code, out, log } = await daemon(mode);
      expect(code).to.equal(1);
      expect(out.slice(-2)).to.deep.equal(["closed second", "closed first"]);
      expect(log).to.contain("daemon failed").and.to.contain(`"message":"${message}"`);
    }
  });

  it("closes the other parts when one cannot be closed", async () => {
    const { code, out, log } = await daemon("bad close", { ready: "SIGTERM" });
    expect(code).to.equal(1);
    expect(out.at(-1)).to.equal("closed first");
    expect(log).to.contain("cannot close");
  });
});
