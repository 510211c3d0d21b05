import { expect } from "chai";
import { SLOT } from "../core.fixture.ts";
import { Status, ethers, increase, load, nodeOf } from "../job.books.ts";
import { STAKE_RATE, USDC, type Network, termsOf } from "../network.fixture.ts";
import { ResultJob } from "../result.driver.ts";

/** Lists a hostile token and gives the client some. */
async function list(net: Network, name: string, args: unknown[] = []) {
  const token = await ethers.deployContract(name, args);
  await net.parameters.connect(net.timelock).setToken(token, { allowed: true, stakeRate: STAKE_RATE, largeJob: 1_000n * USDC });
  await token.getFunction("mint")(net.client, 1_000n * USDC);
  await token.connect(net.client).getFunction("approve")(net.jobs, ethers.MaxUint256);
  return token;
}

/** A job of one shard, paid in a token, until it is finalised. */
async function played(net: Network, token: { getAddress(): Promise<string> }) {
  const job = new ResultJob(net, await termsOf(net, { items: 10n, token: await token.getAddress() }));
  await job.open();
  await job.draw([0]);
  await job.play(0);
  await job.settle(0);
  await job.finalise([0]);
  return job;
}

describe("Attack: hostile tokens", () => {
  it("one that takes fees is refused when it comes in", async () => {
    const net = await load();
    const token = await list(net, "FeeOnTransferToken", [100]);
    await expect(net.jobs.connect(net.client).deposit(token, net.client, 10_000n))
      .to.be.revertedWithCustomError(net.jobs, "EscrowUnexpectedReceipt").withArgs(token, 9_900n, 10_000n);
    expect(await net.jobs.liabilities(token)).to.equal(0n);
  });

  it("one that answers false moves no books", async () => {
    const net = await load();
    const token = await list(net, "ReturnsFalseToken");
    const setFailing = (failing: boolean) => token.getFunction("setFailing")(failing);
    await setFailing(true);
    await expect(net.jobs.connect(net.client).deposit(token, net.client, 10n)).to.be.revertedWithCustomError(net.jobs, "SafeERC20FailedOperation");
    await setFailing(false);
    await net.jobs.connect(net.client).deposit(token, net.client, 10n);
    await setFailing(true);
    await expect(net.jobs.connect(net.client).withdraw(token, net.client, 10n)).to.be.revertedWithCustomError(net.jobs, "SafeERC20FailedOperation");
    expect(await net.jobs.creditOf(token, net.client)).to.equal(10n);
  });

  it("one that calls back cannot take out twice, nor count a deposit twice", async () => {
    const net = await load();
    const token = await list(net, "ReentrantToken");
    const call = (name: string, args: unknown[]) => token.getFunction(name)(...args);
    const encode = (name: "withdraw" | "deposit" | "claim", args: unknown[]) => net.jobs.interface.encodeFunctionData(name as "withdraw", args as never);
    await net.jobs.connect(net.client).deposit(token, token, 100n); // the token itself holds credit
    const withdrawal = encode("withdraw", [await token.getAddress(), await token.getAddress(), 50n]);
    for (const again of [withdrawal, encode("deposit", [await token.getAddress(), await token.getAddress(), 1n]), encode("claim", [await token.getAddress(), [1]])]) {
      await call("arm", [net.jobs, again]);
      const before = await net.jobs.creditOf(token, token);
      await call("forward", [net.jobs, encode("withdraw", [await token.getAddress(), await token.getAddress(), 10n])]);
      expect(await token.getFunction("lastSuccess")()).to.equal(false);
      expect(await token.getFunction("lastReturn")()).to.equal(net.jobs.interface.getError("ReentrancyGuardReentrantCall")!.selector);
      expect(await net.jobs.creditOf(token, token)).to.equal(before - 10n);
    }
    expect(await net.jobs.liabilities(token)).to.equal(70n);
    expect(await token.getFunction("balanceOf")(net.jobs)).to.equal(70n);
  });

  it("one that calls back in the middle of a payout finds everything already booked", async () => {
    const net = await load();
    const token = await list(net, "ReentrantToken");
    await net.jobs.connect(net.client).deposit(token, net.client, 100n * USDC);
    const job = await played(net, token);
    const nodes = await Promise.all(job.committees.get(0)!.map((m) => nodeOf(net, m)));
    await token.getFunction("arm")(net.jobs, net.jobs.interface.encodeFunctionData("claim", [await token.getAddress(), nodes]));
    await net.jobs.claim(token, nodes);
    expect(await token.getFunction("lastSuccess")()).to.equal(false);
    for (const m of job.committees.get(0)!) expect(await token.getFunction("balanceOf")(net.providers[m]!)).to.equal(USDC);
    expect(await net.jobs.liabilities(token)).to.equal(await token.getFunction("balanceOf")(net.jobs));
  });

  it("one whose issuer stops a payee or the client stops nobody else, and no job", async () => {
    const net = await load();
    const token = await list(net, "BlacklistToken");
    await net.jobs.connect(net.client).deposit(token, net.client, 100n * USDC);
    await token.getFunction("setBlacklisted")(net.client, true);
    for (let m = 0; m < 6; m++) await token.getFunction("setBlacklisted")(net.providers[m]!, true);
    const job = await played(net, token);
    expect((await job.state()).status).to.equal(Status.Completed);
    for (let m = 0; m < 12; m++) {
      const claim = net.jobs.claim(token, [await nodeOf(net, m)]);
      if (m < 6 && job.committees.get(0)!.includes(m)) await expect(claim).to.be.revertedWithCustomError(token, "Blacklisted");
      else await claim;
    }
    // what is stopped stays owed, and a new payout address gets it
    const stopped = job.committees.get(0)!.find((m) => m < 6);
    if (stopped !== undefined) {
      await net.staking.connect(net.providers[stopped]!).setPayout(net.keeper);
      await net.jobs.claim(token, [await nodeOf(net, stopped)]);
    }
  });

  it("one that governance takes off the list stops no exit", async () => {
    const net = await load();
    const job = new ResultJob(net, await termsOf(net, { items: 10n }));
    await job.open();
    await job.draw([0]);
    await net.parameters.connect(net.timelock).setToken(net.usdc, { allowed: false, stakeRate: 0n, largeJob: 0n });
    await expect(net.jobs.connect(net.client).deposit(net.usdc, net.client, 1n)).to.be.revertedWithCustomError(net.jobs, "EscrowTokenRefused");
    const [liar] = job.committees.get(0)!;
    job.lie([liar!]);
    await job.play(0);
    await job.settle(0);
    await job.verdict(await job.openConflict(0));
    await job.replace(0);
    await increase(job.terms.challengeWindow);
    await job.advance(0);
    expect((await job.state()).status).to.equal(Status.Completed);
    await net.jobs.claim(net.usdc, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    await net.jobs.connect(net.client).withdraw(net.usdc, net.client, await net.jobs.creditOf(net.usdc, net.client));
    await net.jobs.connect(net.timelock).withdraw(net.usdc, net.timelock, await net.jobs.creditOf(net.usdc, net.timelock));
    expect(await net.usdc.balanceOf(net.jobs)).to.equal(0n);
    expect((await net.slashing.slashOf(1)).amount).to.equal(4n * SLOT);
  });
});
