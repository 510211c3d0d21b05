import { expect } from "chai";
import { Status, drawn, earned, ethers, load, nodeOf, now } from "../job.books.ts";
import { NO_QUOTE, REWARD, USDC, termsOf } from "../network.fixture.ts";

/** An ERC-2612 permit of the client for Jobs. */
async function permitOf(net: Awaited<ReturnType<typeof load>>, amount: bigint, deadline: bigint) {
  const domain = { name: await net.usdc.name(), version: "1", chainId: 31337, verifyingContract: await net.usdc.getAddress() };
  const types = { Permit: ["owner:address", "spender:address", "value:uint256", "nonce:uint256", "deadline:uint256"].map((field) => {
    const [name, type] = field.split(":");
    return { name: name!, type: type! };
  }) };
  const value = { owner: net.client.address, spender: await net.jobs.getAddress(), value: amount, nonce: await net.usdc.nonces(net.client), deadline };
  return ethers.Signature.from(await net.client.signTypedData(domain, types, value));
}

describe("Escrow", () => {
  it("takes deposits for anybody's credit and counts them as owed", async () => {
    const net = await load();
    const before = await net.jobs.liabilities(net.usdc);
    await expect(net.jobs.connect(net.client).deposit(net.usdc, net.keeper, USDC))
      .to.emit(net.jobs, "Deposited").withArgs(net.usdc, net.keeper.address, net.client.address, USDC);
    expect(await net.jobs.creditOf(net.usdc, net.keeper)).to.equal(USDC);
    expect(await net.jobs.liabilities(net.usdc)).to.equal(before + USDC);
    expect(await net.usdc.balanceOf(net.jobs)).to.equal(before + USDC);
  });

  it("refuses deposits of nothing, for nobody, of other tokens, or that were not allowed", async () => {
    const net = await load();
    const asClient = net.jobs.connect(net.client);
    await expect(asClient.deposit(net.usdc, net.client, 0n)).to.be.revertedWithCustomError(net.jobs, "EscrowZeroAmount");
    await expect(asClient.deposit(net.usdc, ethers.ZeroAddress, 1n)).to.be.revertedWithCustomError(net.jobs, "EscrowZeroAddress");
    await expect(asClient.deposit(net.infer, net.client, 1n)).to.be.revertedWithCustomError(net.jobs, "EscrowTokenRefused").withArgs(net.infer);
    await net.usdc.connect(net.client).approve(net.jobs, 0n);
    await expect(asClient.deposit(net.usdc, net.client, 1n)).to.be.revertedWithCustomError(net.usdc, "ERC20InsufficientAllowance");
  });

  it("deposits by permit, and also by one that somebody has already used", async () => {
    const net = await load();
    await net.usdc.connect(net.client).approve(net.jobs, 0n);
    const deadline = (await now()) + 1_000n;
    const before = await net.jobs.creditOf(net.usdc, net.client);
    for (const front of [false, true]) {
      const { v, r, s } = await permitOf(net, USDC, deadline);
      if (front) await net.usdc.connect(net.keeper).permit(net.client, net.jobs, USDC, deadline, v, r, s);
      await net.jobs.connect(net.client).depositWithPermit(net.usdc, net.client, USDC, deadline, v, r, s);
    }
    expect(await net.jobs.creditOf(net.usdc, net.client)).to.equal(before + 2n * USDC);
    const { v, r, s } = await permitOf(net, USDC, deadline);
    await expect(net.jobs.connect(net.keeper).depositWithPermit(net.usdc, net.keeper, USDC, deadline, v, r, s))
      .to.be.revertedWithCustomError(net.usdc, "ERC20InsufficientAllowance"); // a permit is its owner's
  });

  it("opens in the same transaction that pays in", async () => {
    const net = await load();
    const terms = await termsOf(net, { client: net.keeper.address });
    const amount = await net.jobs.cost(terms);
    await net.usdc.mint(net.keeper, amount);
    await net.usdc.connect(net.keeper).approve(net.jobs, amount);
    const calls = [
      net.jobs.interface.encodeFunctionData("deposit", [await net.usdc.getAddress(), net.keeper.address, amount]),
      net.jobs.interface.encodeFunctionData("open", [terms, NO_QUOTE, "0x"]),
    ];
    await net.jobs.connect(net.keeper).multicall(calls);
    expect((await net.jobs.job(await net.jobs.jobId(terms))).status).to.equal(Status.Open);
    expect(await net.jobs.creditOf(net.usdc, net.keeper)).to.equal(0n);
  });

  it("gives credit back to its owner only, as much as there is", async () => {
    const net = await load();
    const credit = await net.jobs.creditOf(net.usdc, net.client);
    const asClient = net.jobs.connect(net.client);
    await expect(asClient.withdraw(net.usdc, net.keeper, 3n)).to.emit(net.jobs, "Withdrawn").withArgs(net.usdc, net.client.address, net.keeper.address, 3n);
    expect(await net.usdc.balanceOf(net.keeper)).to.equal(3n);
    await expect(asClient.withdraw(net.usdc, net.client, credit)).to.be.revertedWithCustomError(net.jobs, "EscrowInsufficientCredit").withArgs(net.usdc, net.client.address, credit - 3n, credit);
    await expect(net.jobs.connect(net.keeper).withdraw(net.usdc, net.keeper, 1n)).to.be.revertedWithCustomError(net.jobs, "EscrowInsufficientCredit").withArgs(net.usdc, net.keeper.address, 0n, 1n);
    await expect(asClient.withdraw(net.usdc, net.client, 0n)).to.be.revertedWithCustomError(net.jobs, "EscrowZeroAmount");
    await expect(asClient.withdraw(net.usdc, ethers.ZeroAddress, 1n)).to.be.revertedWithCustomError(net.jobs, "EscrowZeroAddress");
    await asClient.withdraw(net.usdc, net.client, credit - 3n);
    expect(await net.jobs.liabilities(net.usdc)).to.equal(0n);
  });

  it("sends earnings to payout addresses, whoever asks, and each once", async () => {
    const { net, job } = await drawn();
    await job.play(0);
    await job.settle(0);
    await job.finalise([0]);
    const [member] = job.committees.get(0)!;
    const node = await nodeOf(net, member!);
    const cold = ethers.Wallet.createRandom().address;
    await net.staking.connect(net.providers[member!]!).setPayout(cold);
    expect(await earned(net, member!)).to.equal(2n * REWARD);
    const owed = await net.jobs.liabilities(net.usdc);
    await expect(net.jobs.connect(net.keeper).claim(net.usdc, [node, node, 0, 4_000_000_000]))
      .to.emit(net.jobs, "Claimed").withArgs(net.usdc, node, cold, 2n * REWARD);
    expect(await net.usdc.balanceOf(cold)).to.equal(2n * REWARD);
    expect(await earned(net, member!)).to.equal(0n);
    expect(await net.jobs.liabilities(net.usdc)).to.equal(owed - 2n * REWARD);
    expect(await net.jobs.claim.staticCall(net.usdc, [node])).to.equal(0n);
  });
});
