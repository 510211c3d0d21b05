import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Interface } from "ethers";
import { startWorld, type EvmWorld } from "./testing/world.ts";

const root = join(import.meta.dirname, "../../../..");
const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error);

describe("money that a contract takes", function () {
  this.timeout(60_000);
  let world: EvmWorld;
  before(async () => (world = await startWorld()));
  after(() => world.stop());

  it("comes by permit, one after another although they are submitted together", async () => {
    const saver = await world.port("saver");
    await world.fund(world.account("saver"), 60n);
    const deposit = (key: string, amount: bigint) => saver.submit(key, { type: "deposit", token: world.token, account: world.account("saver"), amount });
    await Promise.all([deposit("a", 10n), deposit("b", 20n), deposit("c", 30n)]);
    expect(await saver.creditOf(world.token, world.account("saver"))).to.equal(60n);
  });

  it("comes from an allowance where there is one", async () => {
    const saver = await world.port("allowing");
    await world.fund(world.account("allowing"), 60n);
    await saver.submit("allow", { type: "approve", token: world.token, spender: "jobs", amount: 60n });
    await saver.submit("deposit", { type: "deposit", token: world.token, account: world.account("allowing"), amount: 60n });
    expect(await saver.tokenBalance(world.token, world.account("allowing"))).to.equal(0n);
  });

  it("is said to be missing, in the token's units", async () => {
    const poor = await world.port("poor");
    const error = await failure(poor.simulate({ type: "deposit", token: world.token, account: world.account("poor"), amount: 5n }));
    expect(error).to.have.property("code", "insufficient_funds");
    expect(error).to.have.property("details").deep.equal({ token: world.token, account: world.account("poor"), available: "0", needed: "5" });
  });

  it("needs an approval where the token knows no permit", async () => {
    const { bytecode, abi } = JSON.parse(readFileSync(join(root, "artifacts/contracts/mocks/ReturnsFalseToken.sol/ReturnsFalseToken.json"), "utf8")) as { bytecode: string; abi: [] };
    const [from] = await world.anvil.rpc<string[]>("eth_accounts");
    const hash = await world.anvil.rpc<string>("eth_sendTransaction", { from, data: bytecode });
    await world.mine(1);
    const { contractAddress: token } = await world.anvil.rpc<{ contractAddress: string }>("eth_getTransactionReceipt", hash);
    const owner = await world.port("plain");
    await world.anvil.rpc("eth_sendTransaction", { from, to: token, data: new Interface(abi).encodeFunctionData("mint", [world.account("plain"), 9n]) });
    await world.mine(1);
    const error = await failure(owner.simulate({ type: "deposit", token, account: world.account("plain"), amount: 9n }));
    expect(error).to.have.property("code", "insufficient_funds");
    expect(error).to.have.property("hint", "Approve the contract first.");
  });
});
