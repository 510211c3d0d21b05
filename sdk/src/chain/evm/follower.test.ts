import { expect } from "chai";
import { isInfernetError } from "../../core/index.ts";
import type { ChainEvent, ChainStep, Cursor } from "../events.ts";
import { readTo } from "../compliance.ts";
import type { EvmPort } from "./port.ts";
import { RpcProxy, type JsonRpcRequest, type Verdict } from "./testing/proxy.ts";
import { startWorld, type EvmWorld } from "./testing/world.ts";

const identity = ({ at, type }: ChainEvent) => `${at.height}.${at.index} ${at.transaction} ${type}`;

/** A random number generator that can be run again (mulberry32). */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What somebody knows who has done as the steps say. */
class Follower {
  events: ChainEvent[] = [];
  cursor: Cursor | null = null;
  rollbacks = 0;

  take(step: ChainStep): void {
    if (step.rollback !== undefined) {
      this.rollbacks++;
      const { to } = step.rollback;
      expect(step.cursor.height).to.equal(to);
      this.events = this.events.filter(({ at }) => at.height <= to);
    }
    for (const event of step.events) {
      expect(event.at.height).to.be.greaterThan(this.cursor?.height ?? -1).and.at.most(step.cursor.height);
      this.events.push(event);
    }
    this.cursor = step.cursor;
  }
}

describe("following an EVM chain", function () {
  this.timeout(60_000);
  let world: EvmWorld;
  let proxy: RpcProxy;
  let depositor: EvmPort;
  let reader: EvmPort;
  let deposits = 0;

  const deposit = () => depositor.submit(`deposit ${++deposits}`, { type: "deposit", token: world.token, account: world.account("saver"), amount: BigInt(deposits) });
  const all = async (port: EvmPort = reader, from: Cursor | null = null) =>
    (await readTo(port, from, (await depositor.head()).height)).flatMap((step) => step.events).map(identity);
  /** Follows until nothing that the chain holds is missing. */
  const settle = async (port: EvmPort, follower: Follower) => {
    const settled = async () => (await world.anvil.rpc<{ hash: string }>("eth_getBlockByNumber", "latest", false)).hash === follower.cursor?.hash;
    if (await settled()) return;
    const stop = new AbortController();
    for await (const step of port.follow(follower.cursor, { signal: stop.signal })) {
      follower.take(step);
      if (await settled()) stop.abort();
    }
  };
  const ranges = ({ method, params }: JsonRpcRequest) => {
    const { fromBlock, toBlock } = (params[0] ?? {}) as { fromBlock?: string; toBlock?: string };
    return method === "eth_getLogs" && fromBlock !== undefined ? Number(toBlock) - Number(fromBlock) + 1 : 0;
  };

  before(async () => {
    world = await startWorld();
    proxy = await new RpcProxy(world.anvil.url).up();
    // What a reorganisation takes away stays away: the tests say what is on the chain.
    depositor = await world.port("depositor", { reorgDepth: 0 });
    reader = await world.port("reader", { rpc: proxy.url });
    await world.fund(world.account("depositor"), 10n ** 15n);
    for (let i = 0; i < 5; i++) {
      await deposit();
      await world.mine(7);
    }
  });
  after(async () => {
    await proxy.down();
    await world.stop();
  });
  beforeEach(() => {
    proxy.judge = () => "forward";
    proxy.requests.length = 0;
  });

  it("halves ranges that a node refuses, without a gap or an event twice", async () => {
    const whole = await all();
    expect(whole.length).to.be.at.least(5);
    const tooMany: Verdict = { error: { code: -32005, message: "query returned more than 10000 results" } };
    proxy.judge = (request) => (ranges(request) > 5 ? tooMany : "forward");
    expect(await all()).to.deep.equal(whole);
    expect(proxy.requests.filter((request) => ranges(request) > 5).length).to.be.greaterThan(2);
  });

  it("takes nothing from a node that gives more than it was asked for", async () => {
    const whole = await all();
    const everything = await world.anvil.rpc("eth_getLogs", { fromBlock: "0x0", toBlock: "latest" });
    proxy.judge = (request) => (request.method !== "eth_getLogs" ? "forward" : ranges(request) > 5 ? { error: { code: -32005, message: "too many" } } : { result: everything });
    expect(await all()).to.deep.equal(whole);
    const stop = new AbortController();
    for await (const step of reader.follow(null, { signal: stop.signal })) {
      if (!step.live) continue;
      if (step.cursor.height < (await depositor.head()).height + 1 && step.events.length > 0) await world.mine(1);
      else {
        expect(step.events).to.deep.equal([]);
        stop.abort();
      }
    }
  });

  it("outlives limits, nonsense and silence of its endpoint", async () => {
    const whole = await all();
    const trouble: Verdict[] = ["limit", "garbage", { error: { code: -32000, message: "header not found" } }, { result: { no: "block" } }, "limit"];
    proxy.judge = ({ method }) => (method === "eth_getBlockByNumber" ? (trouble.shift() ?? "forward") : "forward");
    expect(await all()).to.deep.equal(whole);
    expect(trouble).to.deep.equal([]);
  });

  it("goes on when its endpoint dies and comes back", async () => {
    const follower = new Follower();
    await settle(reader, follower);
    await proxy.down();
    const later = settle(reader, follower);
    await deposit();
    await proxy.up();
    await later;
    await settle(reader, follower);
    expect(follower.events.map(identity)).to.deep.equal(await all());
  });

  it("asks the next endpoint when one does not answer, and none of another chain", async () => {
    const other = await new RpcProxy(world.anvil.url).up();
    other.judge = ({ method }) => (method === "eth_chainId" ? { result: "0x1" } : "forward");
    const port = await world.port("reader", { rpc: ["http://127.0.0.1:1", other.url, proxy.url] });
    expect(await all(port)).to.deep.equal(await all());
    expect(other.requests.every(({ method }) => method === "eth_chainId")).to.equal(true);
    const alone: unknown = await world.port("reader", { rpc: other.url }).catch((error: unknown) => error);
    expect(isInfernetError(alone, "chain_mismatch")).to.equal(true);
    const dead: unknown = await world.port("reader", { rpc: "http://127.0.0.1:1" }).catch((error: unknown) => error);
    expect(isInfernetError(dead, "chain_unreachable")).to.equal(true);
    const empty = { ...world.deployment, jobs: world.account("nobody") };
    const wrong: unknown = await world.port("reader", { deployment: empty }).catch((error: unknown) => error);
    expect(isInfernetError(wrong, "unknown_deployment")).to.equal(true);
    await other.down();
  });

  it("takes each log once, however often a node gives it", async () => {
    const whole = await all();
    proxy.judge = async ({ method, params }) => {
      if (method !== "eth_getLogs") return "forward";
      const logs = await world.anvil.rpc<unknown[]>(method, ...params);
      return { result: [...logs, ...logs.toReversed()] };
    };
    expect(await all()).to.deep.equal(whole);
  });

  it("does not believe logs that a node takes back in the same breath", async () => {
    const whole = await all();
    let lies = 2;
    proxy.judge = async ({ method, params }) => {
      if (method !== "eth_getLogs") return "forward";
      const logs = await world.anvil.rpc<{ removed: boolean }[]>(method, ...params);
      return { result: logs.length > 0 && lies-- > 0 ? logs.map((log) => ({ ...log, removed: true })) : logs };
    };
    expect(await all()).to.deep.equal(whole);
    expect(lies).to.be.below(1);
  });

  it("notices a quiet block whose logs are left out, with one endpoint alone", async () => {
    const follower = new Follower();
    await settle(reader, follower);
    proxy.judge = ({ method }) => (method === "eth_getLogs" ? { result: [] } : "forward");
    await deposit();
    await settle(reader, follower);
    proxy.judge = () => "forward";
    expect(follower.events.map(identity)).to.deep.equal(await all());
  });

  it("has from another endpoint what one leaves out, and nothing that never happened", async () => {
    const whole = await all();
    const other = await new RpcProxy(world.anvil.url).up();
    proxy.judge = ({ method }) => (method === "eth_getLogs" ? { result: [] } : "forward");
    const invented = async ({ method, params }: JsonRpcRequest): Promise<Verdict> => {
      if (method !== "eth_getLogs") return "forward";
      const logs = await world.anvil.rpc<{ logIndex: string; data: string }[]>(method, ...params);
      return { result: [...logs, ...logs.map((log) => ({ ...log, logIndex: "0x63" })), ...logs.map((log) => ({ ...log, data: `0x${"11".repeat(32)}`, logIndex: "0x64" }))] };
    };
    other.judge = invented;
    const port = await world.port("reader", { rpc: [proxy.url, other.url] });
    expect(await all(port)).to.deep.equal(whole);
    await port.close();
    await other.down();
  });

  it("leaves an endpoint that has stopped for one that goes on, and one that names heads without blocks", async () => {
    const other = await new RpcProxy(world.anvil.url).up();
    const stopped = await world.anvil.rpc<{ number: string }>("eth_getBlockByNumber", "latest", false);
    proxy.judge = ({ method, params }) => (method === "eth_getBlockByNumber" && params[0] === "latest" ? { result: stopped } : "forward");
    await deposit();
    await world.mine(12);
    const port = await world.port("reader", { rpc: [proxy.url, other.url] });
    const whole = await all(depositor);
    expect(await all(port)).to.deep.equal(whole);
    proxy.judge = () => "forward";
    const ahead = { ...stopped, number: "0xffffff", hash: `0x${"ab".repeat(32)}` };
    other.judge = ({ method, params }) => (method === "eth_getBlockByNumber" && params[0] === "latest" ? { result: ahead } : "forward");
    expect(await all(port)).to.deep.equal(whole);
    await port.close();
    await other.down();
  });

  it("does not take a node that lags behind for a reorganisation", async () => {
    const follower = new Follower();
    await settle(reader, follower);
    const { height } = follower.cursor!;
    const old = await world.anvil.rpc("eth_getBlockByNumber", `0x${(height - 3).toString(16)}`, false);
    let lags = 0;
    proxy.judge = ({ method, params }) => (method === "eth_getBlockByNumber" && params[0] === "latest" && ++lags < 4 ? { result: old } : "forward");
    await deposit();
    await settle(reader, follower);
    expect(lags).to.be.at.least(4);
    expect(follower.rollbacks).to.equal(0);
    expect(follower.events.map(identity)).to.deep.equal(await all());
  });

  it("counts only what is confirmed", async () => {
    const patient = await world.port("patient", { confirmations: 4 });
    await deposit();
    const { height } = await reader.head();
    const [last] = await readTo(patient, null, height - 4);
    expect(last!.cursor.height).to.equal(height - 4);
    expect(last!.time).to.equal((await reader.head()).time);
    await world.mine(4);
    const later = await readTo(patient, last!.cursor, height);
    expect(later.flatMap((step) => step.events).map(({ at }) => at.height)).to.include(height);
  });

  for (const [where, behind] of [["at the head", 0], ["close to it", 3], ["far behind it", 40], ["far above it", -100]] as const)
    it(`starts again from the beginning when it knows no block that is still there (${where})`, async () => {
      const follower = new Follower();
      await settle(reader, follower);
      const before = follower.events.map(identity);
      if (behind > 0) await world.mine(behind);
      follower.cursor = { height: follower.cursor!.height - Math.min(behind, 0), hash: `0x${"12".repeat(32)}` };
      await settle(reader, follower);
      expect(follower.rollbacks).to.equal(1);
      expect(follower.events.map(identity)).to.deep.equal(before);
    });

  it("goes back no further than a reorganisation of depth 64 has gone", async () => {
    const follower = new Follower();
    await settle(reader, follower);
    for (let i = 0; i < 70; i++) {
      await world.mine(1);
      await settle(reader, follower);
    }
    await deposit();
    await settle(reader, follower);
    const { height } = follower.cursor!;
    const kept = follower.events.filter(({ at }) => at.height <= height - 64).map(identity);
    await world.anvil.rpc("anvil_reorg", 64, []);
    let to: number | undefined;
    const stop = new AbortController();
    for await (const step of reader.follow(follower.cursor, { signal: stop.signal })) {
      follower.take(step);
      to ??= step.rollback?.to;
      if (step.live) stop.abort();
    }
    expect(follower.rollbacks).to.equal(1);
    expect(follower.events.map(identity).slice(0, kept.length)).to.deep.equal(kept);
    expect(follower.events.map(identity)).to.deep.equal(await all());
  });

  for (const seed of [1, 2, 3])
    it(`knows what the chain holds after random reorganisations (seed ${seed})`, async () => {
      const next = random(seed);
      const follower = new Follower();
      await settle(reader, follower);
      const rebuilding = async () => {
        for (let round = 0; round < 25; round++) {
          const choice = next();
          if (choice < 0.4) await deposit();
          else if (choice < 0.7) await world.mine(1 + Math.floor(next() * 3));
          else await world.anvil.rpc("anvil_reorg", 1 + Math.floor(next() * 6), []);
        }
      };
      const stop = new AbortController();
      const following = (async () => {
        for await (const step of reader.follow(follower.cursor, { signal: stop.signal })) follower.take(step);
      })();
      await rebuilding();
      await deposit();
      stop.abort();
      await following;
      await settle(reader, follower);
      // It may have slept through all of those: this one it has to see.
      await world.anvil.rpc("anvil_reorg", 2, []);
      await settle(reader, follower);
      expect(follower.rollbacks).to.be.greaterThan(0);
      expect(follower.events.map(identity)).to.deep.equal(await all());
    });
});
