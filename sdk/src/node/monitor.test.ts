import { expect } from "chai";
import type { ChainEvent, ChainStep, NodeEntry } from "../chain/index.ts";
import { Drain } from "./drain.ts";
import { createLogger } from "./log.ts";
import { NodeMonitor, type Watched } from "./monitor.ts";
import { serveMonitor } from "./monitor-server.ts";
import { useDirectory } from "./testing/directory.ts";

const TOKEN = "0x00000000000000000000000000000000000000F0";
const OPERATOR = "0x00000000000000000000000000000000000000a1";
const log = createLogger({ name: "test", level: "silent" });
const step = (more: Partial<ChainStep> = {}): ChainStep => ({ events: [], cursor: { height: 7, hash: "0x" }, time: 1000, live: true, ...more });

describe("monitor", () => {
  const at = useDirectory();
  const monitor = (settings: Partial<{ metricsPort: number; minFreeMegabytes: number }> = {}) => new NodeMonitor({ role: "provider", dataDir: at("."), settings: { metricsPort: 0, minFreeMegabytes: 1, ...settings }, log });
  const watched = (more: Partial<Watched> = {}): Watched => ({
    port: {
      account: OPERATOR,
      node: async () => ({ node: 3, owner: "o", operator: OPERATOR, payout: "p", stake: { free: 5n * 10n ** 17n, earmarked: 2n * 10n ** 18n, frozen: 0n, unbonding: 0n, bonded: 0n } }),
      earningsOf: async () => 2_500_000n,
      token: async (token) => ({ token, allowed: true, stakeRate: 1n, largeJob: 1n, decimals: 6, symbol: "USDC" }),
      coins: async () => 10n ** 18n,
    },
    store: { has: async () => false, addresses: () => ["/ip4/127.0.0.1/tcp/4001"] },
    node: () => ({ node: 3 }) as NodeEntry,
    counts: () => ({ jobs: { open: 2 }, shards: { executing: 4 } }),
    draining: () => false,
    ...more,
  });
  const failed = async (one: NodeMonitor) => Object.entries((await one.readiness()).checks).flatMap(([name, { ok }]) => (ok ? [] : [name]));

  it("is ready when the chain is followed to its head, store and p2p are up, and key, registration and room are there", async () => {
    const one = monitor();
    expect(await failed(one)).to.deep.equal(["start"]);
    one.watch(watched());
    expect(await failed(one)).to.deep.equal(["chain"]);
    one.apply(step({ live: false }));
    expect((await one.readiness()).checks["chain"]!.detail).to.match(/catching up, at block 7/);
    one.apply(step());
    expect(await one.readiness()).to.have.property("ready", true);
  });

  for (const [check, part] of [
    ["store", { store: { has: async () => Promise.reject(new Error("disk")), addresses: () => ["/ip4/1.2.3.4/tcp/1"] } }],
    ["p2p", { store: { has: async () => false, addresses: () => [] } }],
    ["registration", { node: () => null }],
  ] as [string, Partial<Watched>][])
    it(`is not ready without ${check}`, async () => {
      const one = monitor();
      one.watch(watched(part));
      one.apply(step());
      expect(await failed(one)).to.deep.equal([check]);
    });

  it("is not ready without room on its disk", async () => {
    const one = monitor({ minFreeMegabytes: 2 ** 31 });
    one.watch(watched());
    one.apply(step());
    expect(await failed(one)).to.deep.equal(["disk"]);
  });

  it("serves health, readiness with reasons, and metrics that say what the node has, does and earns", async () => {
    const one = monitor({ metricsPort: 1 });
    one.watch(watched());
    await using server = await serveMonitor(0, { readiness: () => one.readiness(), metrics: () => one.page() });
    const get = async (path: string) => {
      const response = await fetch(server.url + path);
      return [response.status, await response.text()] as const;
    };
    expect(await get("/healthz")).to.deep.equal([200, "ok\n"]);
    const [status, text] = await get("/readyz");
    expect(status).to.equal(503);
    expect(JSON.parse(text)).to.have.nested.property("checks.chain.ok", false);
    const claimed = { type: "claimed", token: TOKEN, node: 3, to: "p", amount: 1_000_000n, at: { height: 6, time: 1, transaction: "0x", index: 0 } } as unknown as ChainEvent;
    const opened = { type: "job-opened", terms: { token: TOKEN }, at: claimed.at } as unknown as ChainEvent;
    one.apply(step({ live: false, events: [opened, claimed, { ...claimed, node: 9 } as ChainEvent, { ...claimed, at: { ...claimed.at, height: 7 } }] }));
    one.apply(step({ rollback: { to: 6 } })); // the second of two payouts has left the chain
    expect((await get("/readyz"))[0]).to.equal(200);
    const page = async () => (await get("/metrics"))[1];
    while (!(await page()).includes("infernet_claimed{")) await new Promise((resolve) => setImmediate(resolve));
    const metrics = await page();
    for (const line of [
      'infernet_jobs{state="open",role="provider"} 2', 'infernet_shards{state="executing",role="provider"} 4', 'infernet_stake_infer{part="earmarked",role="provider"} 2',
      'infernet_claimed{token="USDC",role="provider"} 1', 'infernet_earnings{token="USDC",role="provider"} 2.5', 'infernet_operator_coins{role="provider"} 1',
      'infernet_check{check="chain",role="provider"} 1', 'infernet_chain_height{role="provider"} 7',
    ])
      expect(metrics).to.contain(line);
    expect((await get("/nothing"))[0]).to.equal(404);
    expect((await fetch(`${server.url}/metrics`, { method: "POST" })).status).to.equal(405);
  });

  it("refuses a port that is taken, by name", async () => {
    const pages = { readiness: async () => ({ ready: true, checks: {} }), metrics: async () => ({ type: "text/plain", text: "" }) };
    await using server = await serveMonitor(0, pages);
    const error: unknown = await serveMonitor(Number(new URL(server.url).port), pages).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "config_invalid" }).and.have.property("message").that.contains("metricsPort");
  });
});

describe("drain", () => {
  const at = useDirectory();

  it("is a wish that lasts, whoever has the directory, until it is taken back", () => {
    const directory = at("data");
    expect(new Drain(directory).wanted).to.equal(false);
    new Drain(directory).set(true);
    new Drain(directory).set(true);
    expect(new Drain(directory).wanted).to.equal(true);
    new Drain(directory).set(false);
    new Drain(directory).set(false);
    expect(new Drain(directory).wanted).to.equal(false);
  });
});
