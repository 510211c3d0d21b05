import { expect } from "chai";
import type { ChainAction } from "../actions.ts";
import type { EvmPort, EvmPortOptions } from "./port.ts";
import { MemoryJournal } from "./testing/memory-journal.ts";
import { startWorld, type EvmWorld } from "./testing/world.ts";

const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error);

describe("reorganisations deeper than the confirmations", function () {
  this.timeout(60_000);
  let world: EvmWorld;
  let names = 0;
  let name: string;

  const approve = (amount: number): ChainAction => ({ type: "approve", token: world.token, spender: "jobs", amount: BigInt(amount) });
  /** A port whose account has had its money for so long that no reorganisation takes it away. */
  const port = async (options: Partial<EvmPortOptions> = {}): Promise<EvmPort> => {
    const opened = await world.port(name, { confirmations: 2, stuckBlocks: 1000, ...options });
    await world.mine(70);
    return opened;
  };
  const nonce = () => world.anvil.rpc<string>("eth_getTransactionCount", world.account(name), "latest").then(Number);
  /** Replaces this many blocks by empty ones. */
  const reorganise = async (depth: number) => {
    await world.anvil.rpc("anvil_reorg", depth, []);
    await world.anvil.rpc("anvil_dropAllTransactions");
  };
  const mineUntil = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const watched = promise.finally(() => (settled = true));
    watched.catch(() => {});
    while (!settled) await world.mine(1);
    return watched;
  };
  const mineUntilMined = async (transactions: number) => {
    while ((await nonce()) < transactions) await world.mine(1);
  };
  const poolHolds = async (count: number) => {
    const held = () => world.anvil.rpc<{ pending: string }>("txpool_status").then(({ pending }) => Number(pending));
    while ((await held()) !== count) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Has all of these mined in one block, and confirmed by two more. */
  const confirmed = async <T>(...submitted: Promise<T>[]): Promise<T[]> => {
    await poolHolds(submitted.length);
    await world.mine(3);
    return Promise.all(submitted);
  };
  /** A log, and the promise of a warning that reads like this. */
  const listen = (words: RegExp) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { heard: promise, log: { debug() {}, info() {}, warn: (_: object, message: string) => void (words.test(message) && resolve()) } };
  };

  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());
  beforeEach(async () => {
    name = `reorganised ${++names}`;
    await world.anvil.rpc("evm_setAutomine", false);
  });

  for (const depth of [3, 20, 64])
    it(`what one of depth ${depth} takes back after it was confirmed is sent again, as the same transactions in the same order`, async () => {
      const { heard, log } = listen(/left the chain/);
      const sender = await port({ log });
      const before = await confirmed(...[1, 2, 3].map((i) => sender.submit(`approve ${i}`, approve(i))));
      if (depth > 3) await world.mine(depth - 3);
      await reorganise(depth);
      await heard;
      const after = await mineUntil(Promise.all([1, 2, 3].map((i) => sender.submit(`approve ${i}`, approve(i)))));
      expect(after.map(({ transaction }) => transaction)).to.deep.equal(before.map(({ transaction }) => transaction));
      expect(await nonce()).to.equal(3);
    });

  it("nobody has to ask: it is sent again by itself, and what is sent meanwhile comes behind it", async () => {
    const sender = await port();
    const [one] = await confirmed(sender.submit("one", approve(1)));
    await world.mine(10);
    await reorganise(20);
    await mineUntilMined(1);
    expect(await world.anvil.rpc("eth_getTransactionReceipt", one!.transaction)).to.have.property("status", "0x1");
    await mineUntil(sender.submit("two", approve(2)));
    expect(await nonce()).to.equal(2);
  });

  it("a process that was not there when it happened finds out when it starts", async () => {
    const journal = new MemoryJournal();
    const first = await port({ journal });
    const [one] = await confirmed(first.submit("one", approve(1)));
    const left = journal.copy();
    await first.close();
    await world.mine(10);
    await reorganise(20);
    expect(await nonce()).to.equal(0);
    const second = await port({ journal: left });
    await mineUntilMined(1);
    expect(await mineUntil(second.submit("one", approve(7)))).to.have.property("transaction", one!.transaction);
    expect(await nonce()).to.equal(1);
  });

  it("what had failed stays so: its nonce is used up, for somebody may have done it in another way since", async () => {
    const journal = new MemoryJournal();
    const sender = await port({ journal });
    const account = world.account(name);
    const register: ChainAction = { type: "register", operator: account, payout: account, profile: new Uint8Array([0xa0]), encryptionKey: `0x${"00".repeat(32)}` };
    const ends = await confirmed(...["one", "two"].map((key) => failure(sender.submit(key, register))));
    const failed = ends.findIndex((end) => end !== undefined);
    await world.mine(10);
    await reorganise(30);
    await mineUntilMined(2);
    const again = await mineUntil(Promise.all(["one", "two"].map((key) => failure(sender.submit(key, register)))));
    expect(again[1 - failed]).to.equal(undefined);
    expect(again[failed]).to.have.nested.property("details.reason", "StakingOwnerRegistered");
    expect(await nonce()).to.equal(2);
    expect(journal.list("evm-transaction").filter(({ payload }) => (payload as { data: string }).data === "0x")).to.have.length.at.most(1);
  });

  it("a stranger's transaction that takes the place gets the action a fresh nonce", async () => {
    const { heard, log } = listen(/left the chain/);
    const sender = await port({ log });
    const [before] = await confirmed(sender.submit("one", approve(1)));
    const foreign = await world.wallet(name).signTransaction({ type: 2, chainId: 31337, nonce: 0, to: world.account(name), gasLimit: 21_000, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n });
    await world.anvil.rpc("anvil_reorg", 20, [[foreign, 0]]);
    await heard;
    const after = await mineUntil(sender.submit("one", approve(1)));
    expect(after.transaction).to.not.equal(before!.transaction);
    expect(await nonce()).to.equal(2);
  });

  it("what lies deeper than any reorganisation is done with: nothing more is asked about it", async () => {
    const journal = new MemoryJournal();
    const sender = await port({ journal, reorgDepth: 8 });
    await confirmed(sender.submit("one", approve(1)));
    expect(journal.pending()).to.have.length(2);
    await world.mine(6);
    while (journal.pending().length > 0) await new Promise((resolve) => setImmediate(resolve));
    const later = await port({ journal });
    expect(await later.submit("one", approve(2))).to.deep.equal(await sender.submit("one", approve(3)));
  });
});
