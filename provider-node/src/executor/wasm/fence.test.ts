import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { CHILD_FOLDER, detectFence, fencedCommand, nodeArguments } from "./fence.ts";

const ATTEMPTS = readFileSync(new URL("../testing/escape-attempts.cjs", import.meta.url), "utf8");
const LIMITS = { dataBytes: 2 ** 31, files: 0 };

interface Report {
  readonly attempts: Readonly<Record<string, string>>;
  readonly network: string;
  readonly uid: number;
}

describe("fence", function () {
  this.timeout(30_000);

  /** Runs JavaScript behind the fence, as code that had broken out of the engine would. */
  async function behindFence(script: string, ...args: string[]): Promise<{ output: string; status: string }> {
    const fence = await detectFence();
    const [file, ...rest] = [...fencedCommand(fence, nodeArguments("-e", 32, 64), LIMITS), script, ...args];
    const child = spawn(file!, rest, { env: {}, cwd: "/", stdio: "pipe" });
    let output = "";
    let status = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stdout.once("data", () => {
      if (process.platform === "linux") status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      child.stdin.end();
    });
    await once(child, "close");
    return { output, status };
  }

  it("keeps code in the child from files, processes, threads, add-ons, the debugger and the network", async () => {
    let connections = 0;
    const server = createServer(() => connections++).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { isolation } = await detectFence();
    const { output } = await behindFence(ATTEMPTS, "--", CHILD_FOLDER, String((server.address() as AddressInfo).port));
    server.close();
    const report = JSON.parse(output) as Report;
    for (const [name, ended] of Object.entries(report.attempts)) expect(ended, name).to.not.match(/^did it/);
    expect(report.attempts).to.include({ spawn: "ERR_ACCESS_DENIED", write: "ERR_ACCESS_DENIED", environment: "empty" });
    expect(report.network === "connected").to.equal(!isolation.network);
    expect(connections > 0).to.equal(!isolation.network);
    if (isolation.user) expect(report.uid).to.equal(65534);
  });

  it("says of itself what is true", async () => {
    const { isolation } = await detectFence();
    const { status } = await behindFence("console.log(1); process.stdin.resume()");
    if (process.platform !== "linux") return;
    expect(/NoNewPrivs:\s+(\d)/.exec(status)![1]).to.equal(isolation.process ? "1" : "0");
    if (isolation.user) expect(/CapEff:\s+(\w+)/.exec(status)![1]).to.equal("0".repeat(16));
  });

  it("sets limits that cannot be lifted again", async () => {
    const script = `console.log(JSON.stringify(process.report.getReport().userLimits))`;
    const { output } = await behindFence(script);
    const limits = JSON.parse(output) as Record<string, { soft: string; hard: string }>;
    expect(limits.core_file_size_blocks).to.include({ soft: 0, hard: 0 });
    expect(limits.file_size_blocks).to.include({ soft: 0, hard: 0 });
    expect(limits.open_files).to.include({ soft: 64, hard: 64 });
    expect(limits.data_seg_size_bytes).to.include({ soft: LIMITS.dataBytes, hard: LIMITS.dataBytes });
  });
});
