import { expect } from "chai";
import { InfernetError, profileDocument, sha256, utf8, type Profile } from "../core/index.ts";
import type { ChainAction, ChainPort, NodeEntry, NodeInfo } from "../chain/index.ts";
import type { Logger } from "./log.ts";
import { keepProfile, registerNode } from "./register.ts";

const OWNER = "0x00000000000000000000000000000000000000f1";
const POOL = sha256(utf8("pool"));
const profileOf = (address: string): Profile =>
  ({ version: 1, role: "aggregator", peerId: "12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust", multiaddrs: [address], runtimes: [], models: [], hardware: { cpu: "test", cores: 1, memoryBytes: 1 } });

/** The part of a chain that registering touches. */
class Registry {
  readonly done: ChainAction["type"][] = [];
  node: NodeInfo | null = null;
  member = false;
  /** Ends the process after so many transactions. */
  dieAfter = Infinity;

  port(account: string | null = OWNER): ChainPort {
    return {
      account,
      head: async () => ({ height: this.done.length, time: 0 }),
      nodeOfOwner: async () => this.node,
      simulate: async () => {
        if (this.member) throw new InfernetError("chain_reverted", "join-pool", { details: { reason: "PoolsAlreadyMember" } });
      },
      submit: async (_: string, action: ChainAction) => this.#take(action),
    } as unknown as ChainPort;
  }

  async #take(action: ChainAction): Promise<void> {
    if (this.done.length >= this.dieAfter) throw new InfernetError("aborted", "killed");
    this.done.push(action.type);
    const stake = this.node?.stake ?? { free: 0n, earmarked: 0n, frozen: 0n, unbonding: 0n, bonded: 0n };
    if (action.type === "register") this.node = { node: 7, owner: OWNER, operator: action.operator, payout: action.payout, stake };
    if (action.type === "stake") this.node = { ...this.node!, stake: { ...stake, free: stake.free + action.amount } };
    if (action.type === "join-pool") this.member = true;
  }
}

describe("registering a node", () => {
  const profile = profileDocument.encode(profileOf("/a"));
  const register = (registry: Registry, stake = 100n) => registerNode({ port: registry.port(), operator: "operator", profile, stake, membership: { pool: POOL, capacity: 3 } });

  it("does each step once, wherever it was interrupted", async () => {
    for (let died = 0; died < 3; died++) {
      const registry = new Registry();
      registry.dieAfter = died;
      await register(registry).catch(() => {});
      registry.dieAfter = Infinity;
      expect(await register(registry)).to.equal(7);
      expect(await register(registry)).to.equal(7);
      expect(registry.done).to.deep.equal(["register", "stake", "join-pool"]);
    }
  });

  it("adds the stake that is missing, whatever part of it is at work", async () => {
    const registry = new Registry();
    await register(registry);
    registry.node = { ...registry.node!, stake: { free: 10n, earmarked: 40n, frozen: 5n, unbonding: 5n, bonded: 50n } };
    await register(registry);
    expect(registry.done).to.have.length(3);
    await register(registry, 150n);
    expect(registry.node!.stake.free).to.equal(60n);
  });

  it("needs the owner's key, and no pool for a node that only aggregates", async () => {
    const registry = new Registry();
    await registerNode({ port: registry.port(), operator: "operator", profile, stake: 0n });
    expect(registry.done).to.deep.equal(["register"]);
    const error: unknown = await registerNode({ port: registry.port(null), operator: "o", profile, stake: 0n }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(InfernetError).and.include({ code: "invalid_argument" });
  });

  it("keeps the published profile right, or says that it is not", async () => {
    const said: string[] = [];
    const say = (_: unknown, message?: string) => void said.push(message ?? String(_));
    const log = { info: say, warn: say, error: say } as unknown as Logger;
    const entry = (address: string | null) => ({ node: 7, profile: address === null ? null : profileOf(address) }) as unknown as NodeEntry;
    const registry = new Registry();
    await keepProfile(registry.port(), null, profile, log);
    await keepProfile(registry.port(), entry("/a"), profile, log);
    await keepProfile(null, entry("/b"), profile, log);
    expect(registry.done).to.deep.equal([]);
    await keepProfile(registry.port(), entry("/b"), profile, log);
    await keepProfile(registry.port(), entry(null), profile, log);
    registry.dieAfter = 0;
    await keepProfile(registry.port(), entry("/b"), profile, log);
    expect(registry.done).to.deep.equal(["set-profile", "set-profile"]);
    expect(said).to.deep.equal(["no node has this account as its operator yet", "the published profile is not up to date; its owner must set it", "published the profile", "published the profile", "cannot publish the profile"]);
  });
});
