import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { isInfernetError, type InfernetError } from "@infernet/sdk/core";
import { createKeystore, lockDirectory } from "@infernet/sdk/node";
import { PROVIDER } from "../commands/provider.ts";
import { serveMonitor } from "../../../sdk/src/node/monitor-server.ts";
import { findDaemon } from "./daemon.ts";
import { chainFindings } from "./doctor/chain.ts";
import { openOwner, type OwnerFlags } from "./owner.ts";
import type { NodeSettings } from "./role.ts";
import type { NodeHome } from "./session.ts";

const KEY = `0x${"11".repeat(32)}`;
const contract = (n: number) => `0x${String(n).padStart(40, "0")}`;
const DEPLOYMENT = { chainId: 31337, block: 0, token: contract(1), parameters: contract(2), staking: contract(3), pools: contract(4), randomness: contract(5), jobs: contract(6), slashing: contract(7) };
/** Nobody listens there. */
const RPC = ["http://127.0.0.1:1"];

describe("the owner's side of a node", function () {
  this.timeout(30_000);
  let directory: string;
  const at = (name: string) => join(directory, name);
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "infernet-owner-"));
    writeFileSync(at("deployment.json"), JSON.stringify(DEPLOYMENT));
    writeFileSync(at("key"), KEY);
  });
  afterEach(() => {
    delete process.env["INFERNET_OWNER_KEY"];
    rmSync(directory, { recursive: true, force: true });
  });
  const home = (more: Partial<NodeSettings> = {}): NodeHome => ({ role: PROVIDER, configFile: at("config.jsonc"), settings: { rpcUrl: RPC, deployment: at("deployment.json"), dataDir: at("data"), keyFile: at("key"), metricsPort: 0, ...more } as NodeSettings });
  const refusal = async (flags: OwnerFlags): Promise<InfernetError> => {
    const error: unknown = await openOwner(home(), flags, () => {}).catch((reason: unknown) => reason);
    if (!isInfernetError(error)) throw error;
    return error;
  };

  it("asks for a key, and says how else it goes", async () => {
    const error = await refusal({});
    expect(error.code).to.equal("invalid_argument");
    for (const way of ["--owner-keystore", "--owner-key-file", "INFERNET_OWNER_KEY", "--unsigned"]) expect(error.hint).to.contain(way);
    expect((await refusal({ unsigned: "0x12" })).code).to.equal("invalid_argument");
    process.env["INFERNET_OWNER_KEY"] = "not a key";
    expect(await refusal({})).to.include({ code: "keystore_invalid" }).and.have.property("message").that.does.not.contain("not a key,");
  });

  it("takes it from a keystore, a file or the environment, and lets go of everything when the chain cannot be reached", async () => {
    await createKeystore(at("owner.json"), "a long password", { privateKey: KEY, scryptN: 1024 });
    writeFileSync(at("password"), "a long password\n", { mode: 0o600 });
    writeFileSync(at("wrong"), "another password\n", { mode: 0o600 });
    expect((await refusal({ ownerKeystore: at("owner.json"), ownerPasswordFile: at("wrong") })).code).to.equal("keystore_password");
    expect((await refusal({ ownerKeystore: at("owner.json") })).code).to.equal("invalid_argument");
    process.env["INFERNET_OWNER_KEY"] = KEY;
    for (const flags of [{ ownerKeystore: at("owner.json"), ownerPasswordFile: at("password") }, { ownerKeyFile: at("key") }, {}]) expect((await refusal(flags)).code).to.equal("chain_unreachable");
  });

  it("finds the process of a node by its lock, and asks it how it does", async () => {
    const settings = { dataDir: at("data"), metricsPort: 0 };
    expect(await findDaemon(settings)).to.deep.equal({ running: false, pid: null, readiness: null });
    using lock = lockDirectory(settings.dataDir);
    expect(await findDaemon(settings)).to.deep.equal({ running: true, pid: process.pid, readiness: null });
    const readiness = { ready: false, checks: { chain: { ok: false, detail: "catching up" } } };
    await using server = await serveMonitor(0, { readiness: async () => readiness, metrics: async () => ({ type: "text/plain", text: "" }) });
    expect(await findDaemon({ ...settings, metricsPort: Number(new URL(server.url).port) })).to.deep.equal({ running: true, pid: process.pid, readiness });
    lock.release();
    expect(await findDaemon(settings)).to.have.property("running", false);
  });

  it("doctor says which of endpoint, chain and contracts is wrong, and skips what hangs on it", async () => {
    const verdicts = async (more: Partial<NodeSettings>) => (await chainFindings(home(more), new AbortController().signal)).map(({ name, verdict, fix }) => [name, verdict, fix !== undefined]);
    const later = (...names: string[]) => names.map((name) => [name, "skipped", false]);
    expect(await verdicts({})).to.deep.equal([["rpc", "failed", true], ...later("chain id", "contracts", "clock", "gas", "registration", "stake", "membership")]);
    expect(await verdicts({ deployment: at("none.json") })).to.deep.equal([...later("rpc", "chain id"), ["contracts", "failed", true], ...later("clock", "gas", "registration", "stake", "membership")]);
    const chain = (id: string, code: string) => fakeRpc({ eth_chainId: id, eth_getCode: code });
    await using other = await chain("0x1", "0x");
    expect((await verdicts({ rpcUrl: [other.url] })).slice(0, 3)).to.deep.equal([["rpc", "ok", false], ["chain id", "failed", true], ["contracts", "skipped", false]]);
    await using empty = await chain("0x7a69", "0x");
    expect((await verdicts({ rpcUrl: [empty.url] })).slice(0, 3)).to.deep.equal([["rpc", "ok", false], ["chain id", "ok", false], ["contracts", "failed", true]]);
  });
});

/** An endpoint that knows some answers. */
async function fakeRpc(answers: Readonly<Record<string, string>>) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { id, method } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { id: number; method: string };
    response.setHeader("content-type", "application/json").end(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method] ?? null }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
