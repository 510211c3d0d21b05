import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { check } from "../../cli/src/operator/doctor/finding.ts";
import { containers } from "../../cli/src/operator/doctor/provider.ts";
import type { NodeSettings } from "../../cli/src/operator/role.ts";

describe("doctor and containers", function () {
  this.timeout(90_000);
  const dataDir = mkdtempSync(join(tmpdir(), "infernet-doctor-"));
  after(() => rmSync(dataDir, { recursive: true, force: true }));
  const look = (more: Partial<NodeSettings>) => check("containers", () => containers({ dataDir, executors: ["container"], ...more } as NodeSettings));

  it("finds an engine that enforces every limit, and leaves nothing behind", async () => {
    expect(await look({})).to.deep.include({ verdict: "ok" });
    expect(readdirSync(dataDir)).to.deep.equal([]);
  });

  it("names each limit that an engine does not enforce", async () => {
    const found = await look({ containerRuntime: join(import.meta.dirname, "careless-podman.sh") });
    expect(found.verdict).to.equal("failed");
    for (const limit of ["memory limit", "limit of processes", "CPU limit", "no network"]) expect(found.detail).to.contain(limit);
  });
});
