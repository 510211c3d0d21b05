import { expect } from "chai";
import { isInfernetError, type ErrorCode } from "../../core/index.ts";
import { roomyGas, tightGas } from "./gas.ts";
import { Reader } from "./reader.ts";
import { RpcRefusal } from "./endpoint.ts";
import { Rpc } from "./rpc.ts";
import { sendRaw } from "./send-raw.ts";
import { RpcProxy, type Verdict } from "./testing/proxy.ts";

const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error);

describe("JSON-RPC", () => {
  let endpoint: RpcProxy;
  let verdict: Verdict;
  const open = (...more: string[]) => new Rpc({ urls: [endpoint.url, ...more], chainId: 1, timeoutMs: 500 });

  beforeEach(async () => {
    verdict = { result: "0x5" };
    endpoint = await new RpcProxy("http://127.0.0.1:1").up();
    endpoint.judge = ({ method }) => (method === "eth_chainId" ? { result: "0x1" } : verdict);
  });
  afterEach(() => endpoint.down());

  for (const [name, given, code] of [
    ["a rate limit", "limit", "chain_rate_limited"],
    ["a rate limit said politely", { error: { code: -32005, message: "Too many requests, upgrade" } }, "chain_rate_limited"],
    ["nonsense", "garbage", "chain_unreachable"],
    ["silence", "hold", "chain_unreachable"],
  ] as [string, Verdict, ErrorCode][])
    it(`names ${name}`, async () => {
      verdict = given;
      const error = await failure(open().call("eth_blockNumber", []));
      expect(isInfernetError(error, code), String(error)).to.equal(true);
      expect(error).to.have.property("retryable", true);
    });

  it("passes on what an endpoint answers, and does not ask another about it", async () => {
    const other = await new RpcProxy("http://127.0.0.1:1").up();
    verdict = { error: { code: 3, message: "execution reverted" } };
    expect(await failure(open(other.url).call("eth_call", []))).to.be.instanceOf(RpcRefusal);
    expect(other.requests).to.have.length(0);
    await other.down();
  });

  it("tells an observer how each call ended", async () => {
    const outcomes: string[] = [];
    const rpc = new Rpc({ urls: [endpoint.url], chainId: 1, timeoutMs: 500, observer: { rpc: (outcome) => outcomes.push(outcome) } });
    await rpc.call("eth_blockNumber", []);
    for (const given of ["limit", "garbage", { error: { code: 3, message: "execution reverted" } }] as Verdict[]) {
      verdict = given;
      await failure(rpc.call("eth_blockNumber", []));
    }
    expect(outcomes).to.deep.equal(["answered", "answered", "chain_rate_limited", "chain_unreachable", "refused"]);
  });

  it("stays with the endpoint that answered last", async () => {
    const rpc = open("http://127.0.0.1:1");
    await rpc.call("eth_blockNumber", []);
    const spare = endpoint;
    const first = await new RpcProxy("http://127.0.0.1:1").up();
    first.judge = ({ method }) => (method === "eth_chainId" ? { result: "0x1" } : "limit");
    const both = new Rpc({ urls: [first.url, spare.url], chainId: 1 });
    await both.call("eth_blockNumber", []);
    const before = first.requests.length;
    await both.call("eth_blockNumber", []);
    expect(first.requests).to.have.length(before);
    await first.down();
  });

  it("tells nobody the secret part of an endpoint's address", async () => {
    const rpc = new Rpc({ urls: ["http://127.0.0.1:1/secret-key?also=secret"], chainId: 1 });
    const error = (await failure(rpc.call("eth_blockNumber", []))) as Error;
    expect(error.message).to.contain("http://127.0.0.1:1").and.not.contain("secret");
    for (const url of ["ftp://secret", "secret", ""]) expect(() => new Rpc({ urls: [url], chainId: 1 })).to.throw().with.property("message").not.match(/secret/);
    expect(() => new Rpc({ urls: [], chainId: 1 })).to.throw().with.property("code", "config_invalid");
  });

  it("keeps hoping for an endpoint that is down although another serves a foreign chain", async () => {
    const foreign = await new RpcProxy("http://127.0.0.1:1").up();
    foreign.judge = () => ({ result: "0x2" });
    const call = (...urls: string[]) => failure(new Rpc({ urls, chainId: 1 }).call("eth_blockNumber", []));
    for (const error of [await call("http://127.0.0.1:1", foreign.url), await call(foreign.url, "http://127.0.0.1:1")]) expect(isInfernetError(error, "chain_unreachable")).to.equal(true);
    expect(isInfernetError(await call(foreign.url), "chain_mismatch")).to.equal(true);
    await foreign.down();
  });

  it("ends what is under way when it is closed", async () => {
    const rpc = open();
    await rpc.call("eth_blockNumber", []);
    verdict = "hold";
    const waiting = failure(rpc.call("eth_blockNumber", []));
    rpc.close();
    expect(isInfernetError(await waiting, "aborted")).to.equal(true);
    expect(isInfernetError(await failure(rpc.call("eth_blockNumber", [])), "aborted")).to.equal(true);
  });

  it("checks the form of answers", async () => {
    const reader = new Reader(open());
    expect(await reader.balance("0x")).to.equal(5n);
    for (const wrong of [5, null, "5", {}, "0xzz"]) {
      verdict = { result: wrong };
      expect(isInfernetError(await failure(reader.logs({})), "chain_unreachable")).to.equal(true);
    }
    verdict = { error: { code: -32601, message: "no such method" } };
    expect(await reader.tip()).to.equal(null);
  });

  it("tells what nodes say to a transaction", async () => {
    const said = async (message: string) => {
      verdict = { error: { code: -32000, message } };
      return (await sendRaw(open(), "0x")).answer;
    };
    for (const message of ["already known", "nonce too low: next nonce 5, tx nonce 4", "transaction already imported"]) expect(await said(message)).to.equal("taken");
    for (const message of ["replacement transaction underpriced", "max fee per gas less than block base fee", "transaction underpriced: tip needed 25000000000"]) expect(await said(message)).to.equal("underpriced");
    for (const message of [
      "insufficient funds for gas * price + value: balance 1, tx cost 420, overshot 419",
      "Insufficient funds for gas * price + value",
      "Upfront cost exceeds account balance",
      "InsufficientFunds, Account balance: 1, cumulative cost: 420",
      "insufficient MaxFeePerGas for sender balance",
    ]) expect(await said(message), message).to.equal("unfunded");
    for (const message of ["tx fee (1.20 ether) exceeds the configured cap (1.00 ether)", "Transaction fee cap exceeded"]) expect(await said(message), message).to.equal("overpriced");
    for (const message of ["exceeds block gas limit", "intrinsic gas too low", "invalid sender", "transaction type not supported", "sender not an eoa", "txpool is full"]) expect(await said(message), message).to.equal("refused");
  });

  it("counts a transaction as taken when one endpoint takes it, and believes the mildest refusal otherwise", async () => {
    const other = await new RpcProxy("http://127.0.0.1:1").up();
    let more: Verdict = "hold";
    other.judge = ({ method }) => (method === "eth_chainId" ? { result: "0x1" } : more);
    const send = () => sendRaw(open(other.url), "0x");
    expect(await send()).to.deep.equal({ answer: "taken" }); // the other one has not answered yet
    verdict = { error: { code: -32000, message: "invalid sender" } };
    expect(await send()).to.have.property("answer", "refused");
    more = { result: "0x" };
    expect(await send()).to.deep.equal({ answer: "taken" });
    more = { error: { code: -32000, message: "transaction underpriced" } };
    expect(await send()).to.have.property("answer", "underpriced");
    verdict = more = "garbage";
    expect(isInfernetError(await failure(send()), "chain_unreachable")).to.equal(true);
    await other.down();
  });

  it("asks for gas that fits into a block, and into a transaction once it was refused", () => {
    expect(roomyGas(1_000_000n, 30_000_000n)).to.equal(1_450_000n);
    expect(roomyGas(25_000_000n, 30_000_000n)).to.equal(30_000_000n);
    expect(roomyGas(31_000_000n, 30_000_000n)).to.equal(31_000_000n);
    expect(roomyGas(25_000_000n, undefined)).to.equal(32_650_000n);
    expect(tightGas(1_000_000n, 30_000_000n)).to.equal(1_450_000n);
    expect(tightGas(15_000_000n, 30_000_000n)).to.equal(2n ** 24n);
    expect(tightGas(17_000_000n, 30_000_000n)).to.equal(17_000_000n);
  });
});
