import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { hostArchitecture } from "./image-archive.ts";
import { probeProgram } from "./probe-image.ts";

describe("the program of the probe", function () {
  this.timeout(30_000);
  if (process.platform === "linux") it("runs, does nothing, and is small", async () => {
    const folder = mkdtempSync(join(tmpdir(), "infernet-probe-"));
    try {
      const file = join(folder, "pause");
      writeFileSync(file, probeProgram(hostArchitecture()), { mode: 0o755 });
      expect(readFileSync(file).length).to.be.lessThan(200);
      const child = spawn(file, { stdio: "ignore" });
      await once(child, "spawn");
      child.kill("SIGTERM");
      expect(await once(child, "exit")).to.deep.equal([null, "SIGTERM"]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is written for the processors that images name, and no other", () => {
    for (const architecture of ["amd64", "arm64"]) expect([...probeProgram(architecture).subarray(0, 4)]).to.deep.equal([0x7f, 0x45, 0x4c, 0x46]);
    expect(() => probeProgram("riscv64")).to.throw().with.property("code", "runtime_unavailable");
  });
});
