import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { JobRequest, Workload } from "@infernet/sdk/client";
import { fileDigest, fromUtf8 } from "@infernet/sdk/core";
import { digitsImage, hostileImage, NATIVE_LIMITS } from "../../provider-node/src/executor/testing/programs.ts";
import { Market, type TestClient } from "../scenarios/market.ts";
import { NodeProcess } from "../scenarios/node-process.ts";

/** Reason of a decline: cannot run. */
const CANNOT_RUN = 1;

describe("jobs of kind container in a market of processes", function () {
  this.timeout(300_000);
  let market: Market;
  let buyer: TestClient | undefined;

  before(async () => {
    const vettedModules = [fileDigest(await digitsImage())];
    const both = { executors: ["wasm", "container"] as ("wasm" | "container")[], vettedModules };
    market = await new Market().open([both, { executors: ["container"], vettedModules }, both]);
    buyer = await market.client("buyer");
  });
  after(async () => {
    await buyer?.close();
    await market?.close();
  });

  async function buy(items: number, change: Partial<JobRequest> = {}) {
    const { client } = buyer!;
    const request = market.request(items, { commitWindow: 180, revealWindow: 60, ...change });
    const job = await client.submitJob(request);
    const declined: number[] = [];
    const reading = (async () => {
      for await (const { event } of job.events()) if (event.type === "declined") declined.push(event.reason);
    })();
    const result = await job.result();
    await reading;
    return { ...result, declined };
  }
  const container = (module: Uint8Array) => {
    const { workload } = market.request(1);
    return { ...(workload as Workload), kind: "container" as const, module, limits: { ...NATIVE_LIMITS, lineBytes: 256 } };
  };
  const linesOf = (output: Uint8Array) => fromUtf8(output).trimEnd().split("\n");
  const bodiesOf = (output: Uint8Array) => linesOf(output).map((line) => (JSON.parse(line) as { response: { body: object } }).response.body);

  it("end with the bits that the module gives, and a node that offers no modules declines those", async () => {
    const native = await buy(12, { workload: container(await digitsImage()) });
    expect(native.complete).to.equal(true);
    expect(native.declined).to.deep.equal([]);
    const module = await buy(12);
    expect(module.complete).to.equal(true);
    expect(module.declined).to.include(CANNOT_RUN);
    expect(new Set(module.declined).size).to.equal(1);
    expect(bodiesOf(native.output)).to.have.length(12);
    expect(bodiesOf(native.output)).to.deep.equal(bodiesOf(module.output));
  });

  it("are not offered by a provider whose engine does not enforce its limits: it does not start, and says why", async () => {
    const { directory } = market.network;
    // One like the first provider, but with a key, a folder and a port of its own.
    const { ownerKeyFile: _, listen: __, ...settings } = JSON.parse(readFileSync(join(directory, "provider-1.json"), "utf8")) as Record<string, unknown>;
    const file = join(directory, "careless.json");
    writeFileSync(file, JSON.stringify({ ...settings, dataDir: join(directory, "careless"), keyFile: join(directory, "buyer.key"), executors: ["container"], containerRuntime: join(import.meta.dirname, "careless-podman.sh") }));
    const careless = new NodeProcess("provider", file);
    expect(await careless.exited).to.equal(1);
    const said = JSON.stringify(careless.lines);
    expect(said, said).to.match(/no container engine on this host enforces every limit/).and.to.match(/memory limit/);
  });

  it("end with a failure of every item where the program crashes, agreed on and paid for", async () => {
    const { output, complete, cost, declined } = await buy(2, { workload: { ...container(await hostileImage("trap")), model: null } });
    expect(declined).to.deep.equal([]);
    expect(complete).to.equal(true);
    expect(cost.paid > 0n).to.equal(true);
    for (const line of linesOf(output)) expect(line).to.contain("trap");
  });
});
