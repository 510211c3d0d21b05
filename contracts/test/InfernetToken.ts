import { expect } from "chai";
import { deployCore, ethers, networkHelpers } from "./core.fixture.ts";

const load = () => networkHelpers.loadFixture(deployCore);
const SUPPLY = ethers.parseEther("1000000000");

describe("InfernetToken", () => {
  it("has a fixed supply, whole in the holder's hands", async () => {
    const { infer, deployer } = await load();
    expect([await infer.name(), await infer.symbol(), await infer.decimals()]).to.deep.equal(["Infernet", "INFER", 18n]);
    expect(await infer.totalSupply()).to.equal(SUPPLY);
    expect(await infer.SUPPLY()).to.equal(SUPPLY);
    expect(await infer.balanceOf(deployer)).to.equal(SUPPLY);
    await expect(ethers.deployContract("InfernetToken", [ethers.ZeroAddress])).to.be.revertedWithCustomError(infer, "TokenZeroHolder");
  });

  it("only falls, by burning", async () => {
    const { infer, alice } = await load();
    await infer.burn(5n);
    await infer.approve(alice, 7n);
    await infer.connect(alice).burnFrom(await infer.runner!.getAddress!(), 7n);
    expect(await infer.totalSupply()).to.equal(SUPPLY - 12n);
    expect(infer.interface.fragments.some((f) => "name" in f && /mint|pause|owner$/i.test(String(f.name)))).to.equal(false);
  });

  it("counts votes by timestamps, and follows transfers", async () => {
    const { infer, deployer, alice } = await load();
    expect(await infer.CLOCK_MODE()).to.equal("mode=timestamp");
    expect(await infer.clock()).to.equal(await networkHelpers.time.latest());
    await infer.delegate(deployer);
    const before = await infer.clock();
    await infer.connect(alice).delegate(alice);
    await infer.transfer(alice, 100n);
    expect(await infer.getVotes(alice)).to.equal(100n);
    expect(await infer.getVotes(deployer)).to.equal(SUPPLY - 100n);
    expect(await infer.getPastVotes(deployer, before)).to.equal(SUPPLY);
  });

  it("knows permits and their nonces", async () => {
    const { infer, alice } = await load();
    expect(await infer.nonces(alice)).to.equal(0);
    expect((await infer.eip712Domain()).name).to.equal("Infernet");
  });
});
