import { expect } from "chai";
import { Transaction } from "ethers";
import type { ChainAction } from "../actions.ts";
import type { EvmPort, EvmPortOptions } from "./port.ts";
import { MemoryJournal } from "./testing/memory-journal.ts";
import { RpcProxy, type JsonRpcRequest, type Verdict } from "./testing/proxy.ts";
import { startWorld, type EvmWorld } from "./testing/world.ts";

const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error);
const no = (message: string): Verdict => ({ error: { code: -32000, message } });

describe("transactions that nodes refuse", function () {
  this.timeout(60_000);
  let world: EvmWorld;
  let proxy: RpcProxy;
  let names = 0;
  let name: string;

  const approve = (amount: number): ChainAction => ({ type: "approve", token: world.token, spender: "jobs", amount: BigInt(amount) });
  const port = (options: Partial<EvmPortOptions> = {}): Promise<EvmPort> => world.port(name, { rpc: proxy.url, stuckBlocks: 2, ...options });
  const nonce = () => world.anvil.rpc<string>("eth_getTransactionCount", world.account(name), "latest").then(Number);
  const setBalance = (wei: bigint) => world.anvil.rpc("anvil_setBalance", world.account(name), `0x${wei.toString(16)}`);
  /** Judges sent transactions, and nothing else. */
  const judge = (verdict: (transaction: Transaction, request: JsonRpcRequest) => Verdict | Promise<Verdict>) => {
    proxy.judge = (request) => (request.method === "eth_sendRawTransaction" ? verdict(Transaction.from(request.params[0] as string), request) : "forward");
  };
  const mineUntil = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const watched = promise.finally(() => (settled = true));
    watched.catch(() => {});
    while (!settled) await world.mine(1);
    return watched;
  };
  /** What lies deep enough is done with. */
  const forgotten = async (journal: MemoryJournal) => {
    await world.mine(64);
    while (journal.pending().length > 0) await new Promise((resolve) => setImmediate(resolve));
  };
  const signed = (journal: MemoryJournal) => journal.list("evm-transaction").map(({ payload }) => payload as unknown as { nonce: number; hash: string; data: string; gasLimit: string; maxFee: string });

  before(async () => {
    world = await startWorld();
    proxy = await new RpcProxy(world.anvil.url).up();
  });
  after(async () => {
    await proxy.down();
    await world.stop();
  });
  beforeEach(() => {
    name = `refused ${++names}`;
    proxy.judge = () => "forward";
    proxy.requests.length = 0;
  });

  it("a refusal by one endpoint is none when another takes the transaction", async () => {
    const journal = new MemoryJournal();
    const sender = await port({ journal, rpc: [proxy.url, world.anvil.url] });
    judge(() => no("exceeds block gas limit"));
    await sender.submit("one", approve(1));
    expect(signed(journal)).to.have.length(1);
    expect(await nonce()).to.equal(1);
  });

  for (const message of ["exceeds block gas limit", "intrinsic gas too low", "transaction gas limit too high (cap: 16777216)", "invalid sender", "something that nobody has heard of"])
    it(`"${message}" is met with a fresh signature under the same nonce, and holds nobody up`, async () => {
      const journal = new MemoryJournal();
      const sender = await port({ journal });
      let refused: string | undefined;
      judge((transaction) => (transaction.hash === (refused ??= transaction.hash!) ? no(message) : "forward"));
      // What is behind waits for the nonce in front of it; the fresh one differs because the market has moved.
      const first = sender.submit("one", approve(1));
      const second = sender.submit("two", approve(2));
      await world.anvil.rpc("anvil_setNextBlockBaseFeePerGas", "0x77359400");
      const [one, two] = await mineUntil(Promise.all([first, second]));
      const nonces = await Promise.all([one, two].map(({ transaction }) => world.anvil.rpc<{ nonce: string }>("eth_getTransactionByHash", transaction)));
      expect(nonces.map((sent) => Number(sent.nonce)).sort()).to.deep.equal([0, 1]);
      expect([one.transaction, two.transaction]).to.not.include(refused);
      expect(await nonce()).to.equal(2);
    });

  it("an endpoint's cap on what a transaction may cost is met with lower fees", async () => {
    const journal = new MemoryJournal();
    const sender = await port({ journal });
    let cap: bigint | undefined;
    judge((transaction) => {
      const most = transaction.gasLimit * transaction.maxFeePerGas!;
      return most >= (cap ??= most) ? no("tx fee (1.20 ether) exceeds the configured cap (1.00 ether)") : "forward";
    });
    const receipt = await mineUntil(sender.submit("one", approve(1)));
    expect(receipt.transaction).to.not.equal(signed(journal)[0]!.hash);
    expect(await nonce()).to.equal(1);
  });

  it("what no endpoint takes whatever is tried gives its nonce away, and ends with the reason", async () => {
    const journal = new MemoryJournal();
    const sender = await port({ journal });
    const tried = Promise.withResolvers<void>();
    judge((transaction) => {
      tried.resolve();
      return transaction.nonce === 0 && transaction.data !== "0x" ? no("oversized data") : "forward";
    });
    const large = failure(sender.submit("large", approve(1)));
    await tried.promise;
    const [error, receipt] = await mineUntil(Promise.all([large, sender.submit("behind", approve(2))]));
    expect(error).to.have.property("code", "transaction_refused");
    expect(error).to.have.property("message").that.contains("oversized data");
    expect(receipt).to.have.property("transaction");
    expect(await nonce()).to.equal(2);
    expect(await failure(sender.submit("large", approve(1)))).to.have.property("code", "transaction_refused");
    expect(signed(journal).filter((transaction) => transaction.nonce === 0 && transaction.data === "0x")).to.have.length(1);
    await forgotten(journal);
  });

  it("what would be reverted by the time that it is looked at again is cancelled, and ends with the contract's reason", async () => {
    const [sender, donor] = [await port(), await world.port(`donor of ${name}`)];
    await world.fund(world.account(`donor of ${name}`), 1n);
    const undo = await world.checkpoint();
    await donor.submit("give", { type: "deposit", token: world.token, account: world.account(name), amount: 1n });
    const tried = Promise.withResolvers<void>();
    judge((transaction) => {
      tried.resolve();
      return transaction.data === "0x" ? "forward" : no("txpool is full");
    });
    const end = failure(sender.submit("withdraw", { type: "withdraw", token: world.token, to: world.account(name), amount: 1n }));
    await tried.promise;
    await donor.close(); // it would give again
    await undo(); // the gift leaves the chain with its block
    expect(await mineUntil(end)).to.have.nested.property("details.reason", "EscrowInsufficientCredit");
    expect(await nonce()).to.equal(1);
  });

  it("an account that cannot pay is waited for, says so once in a while, and goes on by itself when it has been sent money", async () => {
    const warnings: [object, string][] = [];
    const sender = await port({ log: { debug() {}, info() {}, warn: (fields, message) => void warnings.push([fields, message]) } });
    const poor = Promise.withResolvers<void>();
    let sendings = 0;
    let spent = false;
    judge(async ({ nonce }) => {
      // Its money goes when both have been signed.
      if (nonce === 1 && !spent) spent = Boolean(await setBalance(1n).then(() => true));
      if (spent && ++sendings === 6) poor.resolve();
      return spent ? "forward" : no("txpool is full");
    });
    const receipts = Promise.all([sender.submit("one", approve(1)), sender.submit("two", approve(2))]);
    receipts.catch(() => {});
    await mineUntil(poor.promise);
    expect(await nonce()).to.equal(0);
    const loud = warnings.filter(([fields]) => "needed" in fields);
    expect(loud).to.have.length(1);
    expect(loud[0]![0]).to.include({ account: world.account(name), available: "1" });
    expect(loud[0]![1]).to.contain(world.account(name));
    await setBalance(10n ** 18n);
    await mineUntil(receipts);
    expect(await nonce()).to.equal(2);
  });

  it("whatever is killed whenever: the restart goes on from there, and nothing happens twice", async () => {
    let journal = new MemoryJournal();
    const seen = new Set<string>();
    let killed!: PromiseWithResolvers<void>;
    // Every transaction is met with a kill when it is first sent; the second time it is refused, except for the cancellation.
    judge((transaction) => {
      if (seen.has(transaction.hash!)) return transaction.data === "0x" ? "forward" : no("oversized data");
      seen.add(transaction.hash!);
      killed.resolve();
      return "hold";
    });
    let end: unknown;
    for (;;) {
      killed = Promise.withResolvers();
      const sender = await port({ journal });
      const ended = failure(sender.submit("large", approve(1)));
      end = await mineUntil(Promise.race([killed.promise, ended]));
      journal = journal.copy();
      await sender.close();
      // A market that has moved makes the next signature another one.
      if (seen.size < 3) await world.anvil.rpc("anvil_setNextBlockBaseFeePerGas", `0x${(seen.size * 2e9).toString(16)}`);
      if (end !== undefined) break;
    }
    expect(end).to.have.property("code", "transaction_refused");
    expect(seen.size).to.be.at.least(4);
    expect(await nonce()).to.equal(1);
    const again = await port({ journal });
    expect(await failure(again.submit("large", approve(1)))).to.have.property("code", "transaction_refused");
    await forgotten(journal);
    expect(await failure(again.submit("large", approve(1)))).to.have.property("code", "transaction_refused");
    expect(await nonce()).to.equal(1);
  });

  it("an endpoint that has lost the receipt of a mined transaction does not get it signed again", async () => {
    const journal = new MemoryJournal();
    const sender = await port({ journal });
    let asked = 0;
    proxy.judge = ({ method }) => (method === "eth_getTransactionReceipt" && ++asked < 8 ? { result: null } : "forward");
    const receipt = await mineUntil(sender.submit("one", approve(1)));
    expect(asked).to.be.at.least(8);
    expect(signed(journal).map(({ hash }) => hash)).to.deep.equal([receipt.transaction]);
    expect(await nonce()).to.equal(1);
  });
});
