import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { InfernetError } from "@infernet/sdk/core";
import type { DaemonState } from "../daemon.ts";
import type { NodeSettings } from "../role.ts";
import { check, failed, ok, warning } from "./finding.ts";
import { disk, gpu, key, listening, nodeVersion } from "./host.ts";
import { containers, models, sandbox, served } from "./provider.ts";
import { findingsText, summaryOf } from "./text.ts";

const STOPPED: DaemonState = { running: false, pid: null, readiness: null };
const RUNNING: DaemonState = { running: true, pid: 1, readiness: null };

describe("doctor", function () {
  this.timeout(20_000);
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "infernet-doctor-"))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const at = (name: string) => join(directory, name);
  const settings = (more: Partial<NodeSettings> = {}) => ({ dataDir: at("data"), minFreeMegabytes: 1, listen: [], ...more }) as NodeSettings;

  it("names the fix of what throws, and shows it below the failure", async () => {
    const findings = [await check("a", () => ok("fine")), await check("b", () => Promise.reject(new InfernetError("config_invalid", "wrong", { hint: "Mend it." }))), await check("c", () => warning("meh", "Do better."))];
    expect(findings[1]).to.deep.equal({ name: "b", verdict: "failed", detail: "wrong", fix: "Mend it." });
    expect(summaryOf(findings)).to.deep.equal({ failed: ["b"], warnings: 1 });
    expect(findingsText(findings, (_, text) => text).split("\n")).to.deep.equal(["ok       a  fine", "FAILED   b  wrong", "         → Mend it.", "warning  c  meh", "         → Do better.", "not ready: b"]);
    expect(await check("d", () => { throw new TypeError("x"); })).to.have.property("fix").that.contains("defect");
  });

  it("knows which Node.js is new enough", () => {
    expect([nodeVersion("24.0.0").verdict, nodeVersion("22.13.1").verdict, nodeVersion("100.0.0").verdict]).to.deep.equal(["ok", "failed", "ok"]);
  });

  it("looks for room where the data directory will be", async () => {
    expect((await disk(settings())).verdict).to.equal("ok");
    expect((await disk(settings({ minFreeMegabytes: 2 ** 31 }))).verdict).to.equal("failed");
  });

  it("opens the operator key, and says why it cannot", async () => {
    writeFileSync(at("deployment.json"), '{"chainId":31337}');
    writeFileSync(at("key"), `0x${"11".repeat(32)}`);
    const own = settings({ deployment: at("deployment.json"), keyFile: at("key") });
    expect(await key(own)).to.have.property("detail").that.contains("0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A");
    writeFileSync(at("keystore"), "{}");
    chmodSync(at("keystore"), 0o644);
    const open = await check("key", () => key({ ...own, keyFile: undefined, keystore: at("keystore"), passwordFile: at("password") }));
    expect(open.verdict).to.equal("failed");
  });

  it("tells whether peers could reach the node: a free port before it runs, an answer while it does", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const taken = `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`;
    expect(await listening({ listen: [taken] }, STOPPED)).to.deep.include({ verdict: "failed" });
    expect(await listening({ listen: [taken] }, RUNNING)).to.deep.include({ verdict: "warning" }); // loopback
    await new Promise((resolve) => server.close(resolve));
    expect(await listening({ listen: [taken] }, RUNNING)).to.deep.include({ verdict: "failed" });
    expect((await listening({ listen: [taken.replace("127.0.0.1", "0.0.0.0")] }, STOPPED)).verdict).to.equal("ok");
    expect((await listening({ listen: ["/ip4/0.0.0.0/tcp/0"] }, STOPPED)).fix).to.contain("Name a port");
    expect((await listening({ listen: ["/dns4/example/udp/1/quic-v1"] }, STOPPED)).verdict).to.equal("skipped");
  });

  it("finds models by their digest, and misses those that were published", async () => {
    rmSync(directory, { recursive: true, force: true });
    expect((await check("models", () => models(settings({ modelsDir: at("models") }), []))).fix).to.contain("modelsDir");
    directory = mkdtempSync(join(tmpdir(), "infernet-doctor-"));
    const own = settings({ modelsDir: directory });
    expect((await models(own, [])).verdict).to.equal("failed");
    expect((await models({ ...own, executors: ["openai"] }, [])).verdict).to.equal("skipped");
    writeFileSync(at("model.bin"), "abc");
    expect(await models(own, ["0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"])).to.deep.equal(ok("1 files: 0xba7816bf…"));
    expect((await models(own, [`0x${"00".repeat(32)}`])).fix).to.contain("register");
  });

  it("says what the sandbox holds on this machine", async () => {
    const { verdict, detail } = await sandbox(settings());
    expect(["ok", "warning"]).to.include(verdict);
    expect(detail).to.match(/own network (yes|NO)/);
  });

  it("tries containers only where they are to be offered, and says what is missing", async () => {
    expect((await containers(settings())).verdict).to.equal("skipped");
    const found = await check("containers", () => containers(settings({ executors: ["wasm", "container"], containerRuntime: "/nonexistent/podman" })));
    expect(found).to.deep.include({ verdict: "failed" });
    expect(found.detail).to.match(/\/nonexistent\/podman is not installed/);
    expect(found.fix).to.match(/Install podman and runc/);
  });

  it("asks a server for its models only where they are to be offered, and says what is missing", async () => {
    expect((await served(settings())).verdict).to.equal("skipped");
    const own = settings({ executors: ["openai"], openaiModels: ["tiny"] });
    expect((await check("served models", () => served(own))).detail).to.contain("openaiUrl is not set");
    const server = createHttpServer((_, response) => void response.end('{"data":[{"id":"tiny"}]}')).listen(0, "127.0.0.1");
    await once(server, "listening");
    const openaiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    expect(await served({ ...own, openaiUrl })).to.deep.equal(ok(`${openaiUrl} lists tiny`));
    expect((await check("served models", () => served({ ...own, openaiUrl, openaiModels: ["big"] }))).detail).to.contain("does not list big, but tiny");
    server.close();
    await once(server, "close");
    const gone = await check("served models", () => served({ ...own, openaiUrl }));
    expect([gone.verdict, gone.fix]).to.deep.equal(["failed", "Start the server, and look at its log."]);
  });

  it("looks at a GPU's driver where there is one", async () => {
    const program = (name: string, text: string) => {
      writeFileSync(at(name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      return at(name);
    };
    expect((await gpu(at("none"))).verdict).to.equal("skipped");
    expect(await gpu(program("good", 'echo "NVIDIA H100, 550.54, 81559 MiB"'))).to.deep.equal(ok("NVIDIA H100, 550.54, 81559 MiB"));
    expect(await gpu(program("bad", "echo no driver >&2; exit 9"))).to.deep.include({ verdict: failed("", "").verdict });
  });
});
