import { expect } from "chai";
import { ethers, networkHelpers } from "./core.fixture.ts";

async function fixture() {
  const [deployer, alice, bob] = await ethers.getSigners();
  const fee = await ethers.deployContract("FeeOnTransferToken", [250]);
  const blacklist = await ethers.deployContract("BlacklistToken");
  const reentrant = await ethers.deployContract("ReentrantToken");
  const returnsFalse = await ethers.deployContract("ReturnsFalseToken");
  const usdc = await ethers.deployContract("TestUSDC");
  for (const token of [fee, blacklist, reentrant, returnsFalse, usdc]) await token.mint(deployer!, 10_000n);
  return { deployer: deployer!, alice: alice!, bob: bob!, fee, blacklist, reentrant, returnsFalse, usdc };
}

const load = () => networkHelpers.loadFixture(fixture);

/** The hostile tokens are as hostile as the tests that rely on them assume. */
describe("Token mocks", () => {
  it("FeeOnTransferToken delivers less than was sent", async () => {
    const { fee, alice } = await load();
    await fee.transfer(alice, 1_000n);
    expect(await fee.balanceOf(alice)).to.equal(975n);
    expect(await fee.totalSupply()).to.equal(9_975n);
  });

  it("BlacklistToken stops both directions", async () => {
    const { blacklist, deployer, alice } = await load();
    expect(await blacklist.decimals()).to.equal(6);
    await blacklist.transfer(alice, 5n);
    await blacklist.setBlacklisted(alice, true);
    await expect(blacklist.transfer(alice, 1n)).to.be.revertedWithCustomError(blacklist, "Blacklisted").withArgs(alice.address);
    await expect(blacklist.connect(alice).transfer(deployer, 1n)).to.be.revertedWithCustomError(blacklist, "Blacklisted").withArgs(alice.address);
    await blacklist.setBlacklisted(alice, false);
    await blacklist.connect(alice).transfer(deployer, 1n);
  });

  it("ReentrantToken calls back once, in the middle of a transfer", async () => {
    const { reentrant, usdc, alice, bob } = await load();
    await reentrant.arm(usdc, usdc.interface.encodeFunctionData("mint", [bob.address, 3n]));
    await reentrant.transfer(alice, 1n);
    await reentrant.transfer(alice, 1n);
    expect([await reentrant.calls(), await reentrant.lastSuccess()]).to.deep.equal([1n, true]);
    expect(await usdc.balanceOf(bob)).to.equal(3n);
    await expect(reentrant.forward(usdc, usdc.interface.encodeFunctionData("transfer", [alice.address, 1n])))
      .to.be.revertedWithCustomError(usdc, "ERC20InsufficientBalance");
  });

  it("ReturnsFalseToken moves nothing and does not revert", async () => {
    const { returnsFalse, deployer, alice } = await load();
    await returnsFalse.approve(deployer, 5n);
    await returnsFalse.setFailing(true);
    expect(await returnsFalse.transfer.staticCall(alice, 1n)).to.equal(false);
    await returnsFalse.transfer(alice, 1n);
    await returnsFalse.transferFrom(deployer, alice, 1n);
    expect(await returnsFalse.balanceOf(alice)).to.equal(0);
    await returnsFalse.setFailing(false);
    await returnsFalse.transferFrom(deployer, alice, 2n);
    await returnsFalse.transfer(alice, 1n);
    expect(await returnsFalse.balanceOf(alice)).to.equal(3n);
  });

  it("TestUSDC has six decimals and permits", async () => {
    const { usdc, alice } = await load();
    expect(await usdc.decimals()).to.equal(6);
    expect(await usdc.nonces(alice)).to.equal(0);
    expect(await usdc.DOMAIN_SEPARATOR()).to.match(/^0x[0-9a-f]{64}$/);
  });
});
