import { expect } from "chai";
import { ethers, networkHelpers } from "./core.fixture.ts";

async function fixture() {
  return ethers.deployContract("BlockhashRandomness", [3]);
}

describe("BlockhashRandomness", () => {
  it("names a block that is not there yet", async () => {
    const randomness = await networkHelpers.loadFixture(fixture);
    const height = BigInt(await ethers.provider.getBlockNumber());
    expect(await randomness.nextRound({ blockTag: "latest" })).to.equal(height + 3n);
    expect(await randomness.DELAY_BLOCKS()).to.equal(3);
    const atOnce = await ethers.deployContract("BlockhashRandomness", [0]);
    expect(await atOnce.DELAY_BLOCKS()).to.equal(1);
  });

  it("waits for the block to be over, then gives its hash, then forgets it", async () => {
    const randomness = await networkHelpers.loadFixture(fixture);
    const round = BigInt(await ethers.provider.getBlockNumber()) + 1n;
    // every JavaScript object has a `valueOf` of its own
    const valueOf = randomness.getFunction("valueOf");
    await expect(valueOf(round)).to.be.revertedWithCustomError(randomness, "RandomnessPending").withArgs(round);
    await networkHelpers.mine(2);
    const block = await ethers.provider.getBlock(round);
    expect(await valueOf(round)).to.equal(block!.hash);
    await networkHelpers.mine(256);
    expect(await valueOf(round)).to.equal(ethers.ZeroHash);
  });
});
