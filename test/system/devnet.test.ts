import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { infernet, RunningCommand } from "./command.ts";

interface Status {
  readonly running: boolean;
  readonly rpcUrl: string;
  readonly height: number;
  readonly deployment: { readonly jobs: string; readonly poolIds: Record<string, string> };
}

describe("the development network", function () {
  this.timeout(120_000);
  let directory: string;
  const devnet = (command: string, ...args: string[]) => infernet("--json", "devnet", command, "--dir", join(directory, "net"), ...args);

  before(() => (directory = mkdtempSync(join(tmpdir(), "infernet-devnet-"))));
  after(async () => {
    await devnet("down", "--clean");
    rmSync(directory, { recursive: true, force: true });
  });

  const start = async (): Promise<Status> => {
    const up = await devnetUp();
    expect(up.code, up.stderr).to.equal(0);
    const status = await devnet("status");
    expect(status.code, status.stderr).to.equal(0);
    return JSON.parse(status.stdout) as Status;
  };
  // Not by `infernet`, which ends whatever a command leaves behind: this one shall leave something.
  const devnetUp = async () => {
    const command = new RunningCommand(["--json", "devnet", "up", "--dir", join(directory, "net"), "--port", "0", "--block-time", "0.25", "--providers", "2"]);
    return command.ended;
  };

  it("goes on after the command that starts it, stops when told, and keeps its chain for the next start", async () => {
    const first = await start();
    expect(first.deployment.poolIds).to.have.keys("minilm", "digits");
    const again = await devnetUp();
    expect([again.code, again.stderr.includes("data_dir_locked")], again.stderr).to.deep.equal([1, true]);
    expect(JSON.parse((await devnet("down")).stdout)).to.deep.equal({ stopped: true, cleaned: false });
    expect((await devnet("status")).code).to.equal(1);
    const second = await start();
    expect(second.deployment).to.deep.equal(first.deployment);
    expect(second.height).to.be.at.least(first.height);
  });

  it("forgets everything when told so", async () => {
    expect(JSON.parse((await devnet("down", "--clean")).stdout)).to.deep.equal({ stopped: true, cleaned: true });
    expect(JSON.parse((await devnet("down")).stdout)).to.deep.equal({ stopped: false, cleaned: false });
  });
});
