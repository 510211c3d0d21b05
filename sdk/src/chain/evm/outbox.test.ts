import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { Transaction } from "ethers";
import { isInfernetError } from "../../core/index.ts";
import type { ActionReceipt, ChainAction } from "../actions.ts";
import { actionToJson } from "./action-json.ts";
import type { EvmPort } from "./port.ts";
import { MemoryJournal } from "./testing/memory-journal.ts";
import { RpcProxy } from "./testing/proxy.ts";
import { startWorld, type EvmWorld } from "./testing/world.ts";

const PROGRAM = join(import.meta.dirname, "testing/submit-process.ts");
const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error);

describe("the outbox", function () {
  this.timeout(60_000);
  let world: EvmWorld;
  let proxy: RpcProxy;
  let names = 0;
  let name: string;

  /** Allows the n-th of many amounts: cheap, always possible, and each one tells itself apart. */
  const approve = (amount: number): ChainAction => ({ type: "approve", token: world.token, spender: "jobs", amount: BigInt(amount) });
  const mine = (blocks = 1) => world.mine(blocks);
  const automine = (on: boolean) => world.anvil.rpc("evm_setAutomine", on);
  const nonce = () => world.anvil.rpc<string>("eth_getTransactionCount", world.account(name), "latest").then(Number);
  const pool = async () => {
    const { pending, queued } = await world.anvil.rpc<Record<"pending" | "queued", Record<string, Record<string, { hash: string }>>>>("txpool_content");
    return [pending, queued].flatMap((part) => Object.entries(part).filter(([from]) => from.toLowerCase() === world.account(name).toLowerCase()).flatMap(([, byNonce]) => Object.values(byNonce)));
  };
  const poolHolds = async (count: number) => {
    while ((await pool()).length !== count) await new Promise((resolve) => setImmediate(resolve));
  };
  /** What lies deep enough is done with. */
  const forgotten = async (journal: MemoryJournal) => {
    await mine(64);
    while (journal.pending().length > 0) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Mines until the promise has settled. */
  const mineUntil = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const watched = promise.finally(() => (settled = true));
    watched.catch(() => {});
    while (!settled) await mine();
    return watched;
  };
  const port = (options: Parameters<EvmWorld["port"]>[1] = {}): Promise<EvmPort> => world.port(name, options);

  before(async () => {
    world = await startWorld();
    proxy = await new RpcProxy(world.anvil.url).up();
  });
  after(async () => {
    await proxy.down();
    await world.stop();
  });
  beforeEach(() => {
    name = `sender ${++names}`;
    proxy.judge = () => "forward";
    proxy.requests.length = 0;
  });
  afterEach(async () => {
    await world.anvil.rpc("anvil_dropAllTransactions");
    await automine(true);
  });

  it("sends everything at once, under nonces without gaps, and waits for nothing", async () => {
    const sender = await port();
    await automine(false);
    const receipts = Promise.all(Array.from({ length: 12 }, (_, i) => sender.submit(`approve ${i}`, approve(i))));
    await poolHolds(12);
    await mine();
    const all = await receipts;
    expect(new Set(all.map(({ height }) => height)).size).to.equal(1);
    expect(new Set(all.map(({ transaction }) => transaction)).size).to.equal(12);
    expect(await nonce()).to.equal(12);
  });

  it("tells an observer what became of its transactions", async () => {
    const events: string[] = [];
    const sender = await port({ stuckBlocks: 2, observer: { rpc() {}, transaction: (event, action) => events.push(`${event} ${action}`) } });
    await sender.submit("good", approve(1));
    await failure(sender.submit("bad", { type: "withdraw-stake", ticket: 999n }));
    expect(events).to.deep.equal(["sent approve", "confirmed approve", "failed withdraw-stake"]);
  });

  it("takes up what an earlier process has left, under the same transaction", async () => {
    const journal = new MemoryJournal();
    const first = await port({ journal });
    await automine(false);
    const given = failure(first.submit("once", approve(1)));
    await poolHolds(1);
    const [sent] = await pool();
    await first.close();
    expect(isInfernetError(await given, "aborted")).to.equal(true);
    await world.anvil.rpc("anvil_dropAllTransactions"); // the network has forgotten it too
    const second = await port({ journal });
    await poolHolds(1);
    await mine();
    const receipt = await second.submit("once", approve(2));
    expect(receipt.transaction).to.equal(sent!.hash);
    expect(await nonce()).to.equal(1);
    await forgotten(journal);
  });

  for (const [when, verdict] of [["between journal and network", "hold"], ["before the network's answer", "mute"]] as const)
    it(`sends once although it is killed ${when}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "infernet-outbox-"));
      try {
        await port(); // gives the account its money
        const args = [PROGRAM, proxy.url, JSON.stringify(world.deployment), world.wallet(name).privateKey, join(folder, "journal"), "once", JSON.stringify(actionToJson(approve(7)))];
        proxy.judge = ({ method }) => (method === "eth_sendRawTransaction" ? verdict : "forward");
        const seen = proxy.next("eth_sendRawTransaction");
        const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
        const { params } = await seen;
        if (verdict === "mute") while ((await nonce()) === 0) await new Promise((resolve) => setImmediate(resolve));
        child.kill("SIGKILL");
        await once(child, "exit");
        proxy.judge = () => "forward";
        for (let again = 0; again < 2; again++) {
          const { stdout } = await promisify(execFile)(process.execPath, args);
          expect((JSON.parse(stdout) as ActionReceipt).transaction).to.equal(Transaction.from(params[0] as string).hash);
        }
        expect(await nonce()).to.equal(1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

  it("uses no nonce for what would be refused", async () => {
    const sender = await port();
    const error = await failure(sender.submit("withdraw", { type: "withdraw", token: world.token, to: world.account(name), amount: 1n }));
    expect(error).to.have.nested.property("details.reason", "EscrowInsufficientCredit");
    expect(await nonce()).to.equal(0);
    await world.fund(world.account(name), 1n);
    await sender.submit("deposit", { type: "deposit", token: world.token, account: world.account(name), amount: 1n });
    const again = await failure(sender.submit("withdraw", { type: "withdraw", token: world.token, to: world.account(name), amount: 1n }));
    expect(again, "a key is tried once").to.have.deep.property("details", (error as { details: object }).details);
    await sender.submit("withdraw again", { type: "withdraw", token: world.token, to: world.account(name), amount: 1n });
    expect(await nonce()).to.equal(2);
    expect((await sender.submit("approve", approve(1))).gas > 20_000n).to.equal(true);
    expect(await nonce()).to.equal(3);
  });

  it("says why a transaction was reverted that would have worked when it was sent", async () => {
    const sender = await port();
    const account = world.account(name);
    const register: ChainAction = { type: "register", operator: account, payout: account, profile: new Uint8Array([0xa0]), encryptionKey: `0x${"00".repeat(32)}` };
    await automine(false);
    const both = [sender.submit("one", register), sender.submit("two", register)].map(failure);
    await poolHolds(2);
    await mine();
    const ends = await Promise.all(both);
    expect(ends.filter((end) => end === undefined)).to.have.length(1);
    const bad = ends.find((end) => end !== undefined);
    expect(bad).to.have.property("code", "chain_reverted");
    expect(bad).to.have.nested.property("details.reason", "StakingOwnerRegistered");
    expect(bad).to.have.nested.property("details.args.owner", account);
    expect(await nonce()).to.equal(2);
  });

  it("pays more for a transaction that is stuck, and is not confused by which one is mined", async () => {
    const journal = new MemoryJournal();
    const sender = await port({ journal, stuckBlocks: 2 });
    await automine(false);
    const receipts = Promise.all([sender.submit("one", approve(1)), sender.submit("two", approve(2))]);
    await poolHolds(2);
    await world.anvil.rpc("anvil_setNextBlockBaseFeePerGas", "0x174876e800"); // 100 gwei
    await mine();
    const [one, two] = await mineUntil(receipts);
    expect(one.transaction).to.not.equal(two.transaction);
    expect(await nonce()).to.equal(2);
    const signed = journal.list("evm-transaction");
    expect(signed.length).to.be.greaterThan(2);
    await forgotten(journal);
    const fees = signed.map(({ payload }) => payload as { nonce: number; maxFee: string; hash: string }).filter((payload) => payload.nonce === 0);
    for (let i = 1; i < fees.length; i++) expect(BigInt(fees[i]!.maxFee) * 8n >= BigInt(fees[i - 1]!.maxFee) * 9n).to.equal(true);
  });

  it("finds out when the cheaper of two transactions with one nonce is mined", async () => {
    const journal = new MemoryJournal();
    const sender = await port({ journal, stuckBlocks: 1, rpc: proxy.url });
    await automine(false);
    const sent = proxy.next("eth_sendRawTransaction");
    const receipt = sender.submit("one", approve(1));
    const [cheap] = (await sent).params as [string];
    await poolHolds(1);
    // The better paid one is said to be taken and gets lost; the cheap one is mined when the base fee has fallen again.
    proxy.judge = ({ method }) => (method === "eth_sendRawTransaction" ? { result: `0x${"00".repeat(32)}` } : "forward");
    await world.anvil.rpc("anvil_setNextBlockBaseFeePerGas", "0x174876e800");
    while (journal.list("evm-transaction").length < 2) await mine();
    await world.anvil.rpc("anvil_setNextBlockBaseFeePerGas", "0x1");
    await world.anvil.rpc("anvil_dropAllTransactions");
    await world.anvil.rpc("eth_sendRawTransaction", cheap);
    expect((await mineUntil(receipt)).transaction).to.equal(Transaction.from(cheap).hash);
    await forgotten(journal);
  });

  it("signs again when a foreign transaction has used the nonce, and only then", async () => {
    const sender = await port();
    await automine(false);
    const receipt = sender.submit("mine", approve(5));
    await poolHolds(1);
    const [ours] = await pool();
    await world.anvil.rpc("anvil_dropTransaction", ours!.hash);
    const foreign = await world.wallet(name).signTransaction({ type: 2, chainId: 31337, nonce: 0, to: world.account(name), gasLimit: 21_000, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n });
    await world.anvil.rpc("eth_sendRawTransaction", foreign);
    const { transaction } = await mineUntil(receipt);
    expect(transaction).to.not.equal(ours!.hash);
    expect(await nonce()).to.equal(2);
    const sent = await world.anvil.rpc<{ nonce: string }>("eth_getTransactionByHash", transaction);
    expect(Number(sent.nonce)).to.equal(1);
  });

  it("waits for confirmations, and sends again what a reorganisation has taken back", async () => {
    const sender = await port({ confirmations: 2 });
    await automine(false);
    let done: ActionReceipt | undefined;
    const receipt = sender.submit("deep", approve(9)).then((value) => (done = value));
    await poolHolds(1);
    await mine(2);
    const before = await sender.head();
    await world.anvil.rpc("anvil_reorg", 2, []); // both blocks are replaced by empty ones
    expect(done).to.equal(undefined);
    expect(await nonce()).to.equal(0);
    await mineUntil(receipt);
    expect(done!.height).to.be.greaterThan(before.height);
    expect((await sender.head()).height - done!.height).to.be.at.least(2);
    expect(await nonce()).to.equal(1);
  });

  it("refuses what the account cannot pay, before it uses a nonce", async () => {
    const journal = new MemoryJournal();
    const sender = await port({ journal });
    await world.anvil.rpc("anvil_setBalance", world.account(name), "0x1");
    const error = await failure(sender.submit("poor", approve(1)));
    expect(error).to.have.property("code", "insufficient_funds");
    await world.anvil.rpc("anvil_setBalance", world.account(name), "0xde0b6b3a7640000");
    expect(await sender.submit("poor", approve(1))).to.have.property("transaction");
    expect(await nonce()).to.equal(1);
  });

  it("outlives an endpoint that dies and comes back", async () => {
    const sender = await port({ rpc: proxy.url });
    await sender.submit("before", approve(1));
    await proxy.down();
    const receipt = sender.submit("during", approve(2));
    await proxy.up();
    expect(await receipt).to.have.property("transaction");
    expect(await nonce()).to.equal(2);
  });

  it("does not hold up the others when a transaction is not taken", async () => {
    const sender = await port({ rpc: proxy.url });
    await automine(false);
    let refusals = 0;
    proxy.judge = ({ method }) => (method === "eth_sendRawTransaction" && refusals++ === 0 ? { error: { code: -32000, message: "the mempool is full" } } : "forward");
    const receipts = Promise.all([sender.submit("one", approve(1)), sender.submit("two", approve(2))]);
    const all = await mineUntil(receipts);
    expect(all).to.have.length(2);
    expect(await nonce()).to.equal(2);
  });

  it("stops waiting when it is told to, but not doing", async () => {
    const sender = await port();
    await automine(false);
    const stop = new AbortController();
    const given = failure(sender.submit("left", approve(1), { signal: stop.signal }));
    await poolHolds(1);
    stop.abort();
    expect(isInfernetError(await given, "aborted")).to.equal(true);
    expect(await mineUntil(sender.submit("left", approve(1)))).to.have.property("transaction");
    expect(await nonce()).to.equal(1);
  });
});
