import { expect } from "chai";
import { DAY, PROFILE, VALID_SET, addNode, deployCore, ethers, networkHelpers, signerAt } from "./core.fixture.ts";

const KEY = ethers.id("x25519");
const { ZeroAddress, ZeroHash, parseEther } = ethers;

async function fixture() {
  const core = await deployCore();
  const node = await addNode(core, core.alice, 10n); // 1 000 INFER
  const pools = await signerAt(await core.pools.getAddress());
  return { ...core, pools, node };
}

const load = () => networkHelpers.loadFixture(fixture);

describe("Staking", () => {
  describe("constructor", () => {
    it("refuses a zero address in every place", async () => {
      const { infer, parameters, jobs, slashing, pools, staking } = await load();
      const good = [infer, parameters, pools, jobs, slashing];
      for (let i = 0; i < good.length; i++) {
        const args = good.map((value, j) => (i === j ? ZeroAddress : value));
        await expect(ethers.deployContract("Staking", args)).to.be.revertedWithCustomError(staking, "StakingZeroAddress");
      }
    });

    it("shows what it was wired to", async () => {
      const { infer, parameters, jobs, slashing, pools, staking } = await load();
      expect(await staking.token()).to.equal(await infer.getAddress());
      expect(await staking.parameters()).to.equal(await parameters.getAddress());
      expect(await staking.pools()).to.equal(pools.address);
      expect(await staking.jobs()).to.equal(jobs.address);
      expect(await staking.slashing()).to.equal(slashing.address);
    });
  });

  describe("register", () => {
    it("hands out ids from 1 and keeps the profile's digest", async () => {
      const { staking, bob, carol, dave } = await load();
      const profile = "0xa16161";
      await expect(staking.connect(bob).register(carol, dave, profile, KEY))
        .to.emit(staking, "NodeRegistered")
        .withArgs(2, bob.address, carol.address, dave.address, KEY, profile);
      expect(await staking.nodeCount()).to.equal(2);
      expect(await staking.nodeOf(bob)).to.equal(2);
      expect(await staking.ownerOf(2)).to.equal(bob.address);
      expect(await staking.operatorOf(2)).to.equal(carol.address);
      expect(await staking.payoutOf(2)).to.equal(dave.address);
      expect(await staking.node(2)).to.deep.equal([bob.address, carol.address, dave.address, ethers.sha256(profile), KEY]);
    });

    it("gives an owner one node", async () => {
      const { staking, alice } = await load();
      await expect(staking.connect(alice).register(alice, alice, PROFILE, ZeroHash))
        .to.be.revertedWithCustomError(staking, "StakingOwnerRegistered").withArgs(alice.address, 1);
    });

    it("refuses a zero operator or payout", async () => {
      const { staking, bob } = await load();
      for (const [operator, payout] of [[ZeroAddress, bob.address], [bob.address, ZeroAddress]]) {
        await expect(staking.connect(bob).register(operator, payout, PROFILE, ZeroHash))
          .to.be.revertedWithCustomError(staking, "StakingZeroAddress");
      }
    });

    it("takes profiles of 1 to 4 096 bytes", async () => {
      const { staking, bob } = await load();
      for (const size of [0, 4_097]) {
        await expect(staking.connect(bob).register(bob, bob, new Uint8Array(size), ZeroHash))
          .to.be.revertedWithCustomError(staking, "StakingProfileSize").withArgs(size, 4_096);
      }
      await staking.connect(bob).register(bob, bob, new Uint8Array(4_096), ZeroHash);
    });
  });

  describe("owner's settings", () => {
    it("change operator, payout, profile and encryption key", async () => {
      const { staking, alice, bob, carol } = await load();
      const own = staking.connect(alice);
      await expect(own.setOperator(bob)).to.emit(staking, "OperatorSet").withArgs(1, bob.address);
      await expect(own.setPayout(carol)).to.emit(staking, "PayoutSet").withArgs(1, carol.address);
      await expect(own.setProfile("0xa1")).to.emit(staking, "ProfileSet").withArgs(1, "0xa1");
      await expect(own.setEncryptionKey(KEY)).to.emit(staking, "EncryptionKeySet").withArgs(1, KEY);
      expect(await staking.node(1)).to.deep.equal([alice.address, bob.address, carol.address, ethers.sha256("0xa1"), KEY]);
    });

    it("refuse zero addresses and bad profiles", async () => {
      const { staking, alice } = await load();
      const own = staking.connect(alice);
      await expect(own.setOperator(ZeroAddress)).to.be.revertedWithCustomError(staking, "StakingZeroAddress");
      await expect(own.setPayout(ZeroAddress)).to.be.revertedWithCustomError(staking, "StakingZeroAddress");
      await expect(own.setProfile("0x")).to.be.revertedWithCustomError(staking, "StakingProfileSize").withArgs(0, 4_096);
    });

    it("need a node; the operator is not its owner", async () => {
      const { staking, alice, bob } = await load();
      await staking.connect(alice).setOperator(bob);
      const other = staking.connect(bob);
      const calls = [
        () => other.setOperator(bob),
        () => other.setPayout(bob),
        () => other.setProfile(PROFILE),
        () => other.setEncryptionKey(KEY),
        () => other.requestUnbonding(1),
      ];
      for (const call of calls) {
        await expect(call()).to.be.revertedWithCustomError(staking, "StakingUnknownNode").withArgs(0);
      }
    });
  });

  describe("deposit", () => {
    it("adds anybody's INFER to a node's free stake", async () => {
      const { staking, infer, deployer, node } = await load();
      const before = await infer.balanceOf(staking);
      await expect(staking.deposit(node, 5n)).to.emit(staking, "StakeDeposited").withArgs(node, deployer.address, 5n);
      expect((await staking.stakeOf(node)).free).to.equal(parseEther("1000") + 5n);
      expect(await infer.balanceOf(staking)).to.equal(before + 5n);
    });

    it("refuses nothing, unknown nodes and more than was allowed", async () => {
      const { staking, infer, bob, node } = await load();
      await expect(staking.deposit(node, 0)).to.be.revertedWithCustomError(staking, "StakingZeroAmount");
      await expect(staking.deposit(9, 1)).to.be.revertedWithCustomError(staking, "StakingUnknownNode").withArgs(9);
      await expect(staking.connect(bob).deposit(node, 1)).to.be.revertedWithCustomError(infer, "ERC20InsufficientAllowance");
    });

    it("works with a permit, also when somebody used the permit first", async () => {
      const { staking, infer, alice, carol, node } = await load();
      await infer.transfer(carol, 30n);
      const sign = async (value: bigint) => {
        const deadline = ethers.MaxUint256;
        const message = { owner: carol.address, spender: await staking.getAddress(), value, nonce: await infer.nonces(carol), deadline };
        const domain = { name: "Infernet", version: "1", chainId: 31337, verifyingContract: await infer.getAddress() };
        const types = { Permit: ["owner:address", "spender:address", "value:uint256", "nonce:uint256", "deadline:uint256"].map((f) => ({ name: f.split(":")[0]!, type: f.split(":")[1]! })) };
        return ethers.Signature.from(await carol.signTypedData(domain, types, message));
      };
      const first = await sign(10n);
      await staking.connect(carol).depositWithPermit(node, 10n, ethers.MaxUint256, first.v, first.r, first.s);
      const second = await sign(20n);
      await infer.connect(alice).permit(carol, staking, 20n, ethers.MaxUint256, second.v, second.r, second.s);
      await staking.connect(carol).depositWithPermit(node, 20n, ethers.MaxUint256, second.v, second.r, second.s);
      expect((await staking.stakeOf(node)).free).to.equal(parseEther("1000") + 30n);
      expect(await infer.balanceOf(carol)).to.equal(0);
      // a permit of somebody else gives the caller nothing
      await expect(staking.connect(alice).depositWithPermit(node, 20n, ethers.MaxUint256, second.v, second.r, second.s))
        .to.be.revertedWithCustomError(infer, "ERC20InsufficientAllowance");
    });
  });

  describe("requestUnbonding and withdraw", () => {
    it("pay the owner after the newest unbonding time, whoever calls", async () => {
      const { staking, infer, alice, bob, node } = await load();
      await staking.connect(alice).requestUnbonding(parseEther("400"));
      const readyAt = BigInt(await networkHelpers.time.latest()) + VALID_SET.unbonding;
      expect(await staking.ticket(1)).to.deep.equal([node, readyAt, parseEther("400")]);
      const stake = await staking.stakeOf(node);
      expect([stake.free, stake.unbonding]).to.deep.equal([parseEther("600"), parseEther("400")]);

      await networkHelpers.time.increaseTo(readyAt - 2n);
      await expect(staking.withdraw(1)).to.be.revertedWithCustomError(staking, "StakingTicketNotReady").withArgs(1, readyAt);
      await networkHelpers.time.increaseTo(readyAt);
      await expect(staking.connect(bob).withdraw(1)).to.emit(staking, "StakeWithdrawn").withArgs(node, 1, alice.address, parseEther("400"));
      expect(await infer.balanceOf(alice)).to.equal(parseEther("400"));
      expect((await staking.stakeOf(node)).unbonding).to.equal(0);
      await expect(staking.withdraw(1)).to.be.revertedWithCustomError(staking, "StakingUnknownTicket").withArgs(1);
    });

    it("keep tickets apart", async () => {
      const { staking, alice } = await load();
      await staking.connect(alice).requestUnbonding(1n);
      await networkHelpers.time.increase(DAY);
      await expect(staking.connect(alice).requestUnbonding(2n)).to.emit(staking, "UnbondingRequested");
      expect((await staking.ticket(2)).amount).to.equal(2n);
      await networkHelpers.time.increase(13n * DAY);
      await staking.withdraw(1);
      await expect(staking.withdraw(2)).to.be.revertedWithCustomError(staking, "StakingTicketNotReady");
    });

    it("refuse nothing, and more than is free", async () => {
      const { staking, alice, pools, node } = await load();
      await expect(staking.connect(alice).requestUnbonding(0)).to.be.revertedWithCustomError(staking, "StakingZeroAmount");
      await staking.connect(pools).earmark(node, parseEther("999"));
      await expect(staking.connect(alice).requestUnbonding(parseEther("2")))
        .to.be.revertedWithCustomError(staking, "StakingInsufficient").withArgs(node, parseEther("1"), parseEther("2"));
    });
  });

  describe("Pools' powers", () => {
    it("earmark, release and freeze", async () => {
      const { staking, pools, node } = await load();
      const own = staking.connect(pools);
      await expect(own.earmark(node, 50n)).to.emit(staking, "StakeEarmarked").withArgs(node, 50n);
      await expect(own.release(node, 20n)).to.emit(staking, "StakeReleased").withArgs(node, 20n);
      await expect(own.freeze(node, 10n)).to.emit(staking, "StakeFrozen").withArgs(node, 10n);
      expect(await staking.stakeOf(node)).to.deep.equal([parseEther("1000") - 30n, 20n, 10n, 0n, 0n]);
    });

    it("never exceed the bucket they take from", async () => {
      const { staking, pools, node } = await load();
      const own = staking.connect(pools);
      await expect(own.earmark(node, parseEther("1001"))).to.be.revertedWithCustomError(staking, "StakingInsufficient");
      await expect(own.release(node, 1)).to.be.revertedWithCustomError(staking, "StakingInsufficient").withArgs(node, 0, 1);
      await expect(own.freeze(node, 1)).to.be.revertedWithCustomError(staking, "StakingInsufficient").withArgs(node, 0, 1);
    });
  });

  describe("Slashing's powers", () => {
    it("thaw returns frozen stake", async () => {
      const { staking, pools, slashing, node } = await load();
      await staking.connect(pools).earmark(node, 50n);
      await staking.connect(pools).freeze(node, 50n);
      await expect(staking.connect(slashing).thaw(node, 50n)).to.emit(staking, "StakeThawed").withArgs(node, 50n);
      expect(await staking.stakeOf(node)).to.deep.equal([parseEther("1000"), 0n, 0n, 0n, 0n]);
      await expect(staking.connect(slashing).thaw(node, 1)).to.be.revertedWithCustomError(staking, "StakingInsufficient");
    });

    it("slash pays prover and panel and burns the rest", async () => {
      const core = await load();
      const { staking, infer, pools, slashing, bob, carol, node } = core;
      const judge = await addNode(core, bob, 0n);
      await staking.connect(pools).earmark(node, 100n);
      await staking.connect(pools).freeze(node, 100n);
      const supply = await infer.totalSupply();
      // the panel's lanes: a judge, an empty one, an unknown node
      const panel = judge | (77n << 64n);
      await expect(staking.connect(slashing).slash(node, 100n, { prover: carol.address, proverReward: 10n, panel, panelReward: 7n }))
        .to.emit(staking, "StakeSlashed").withArgs(node, 100n, 83n)
        .to.emit(staking, "RewardCredited").withArgs(carol.address, 10n)
        .to.emit(staking, "StakeDeposited").withArgs(judge, await staking.getAddress(), 7n);
      expect(await infer.totalSupply()).to.equal(supply - 83n);
      expect((await staking.stakeOf(judge)).free).to.equal(7n);
      expect(await staking.rewardOf(carol)).to.equal(10n);
      await expect(staking.connect(carol).claimReward()).to.emit(staking, "RewardClaimed").withArgs(carol.address, 10n);
      expect(await infer.balanceOf(carol)).to.equal(10n);
      await expect(staking.connect(carol).claimReward()).to.be.revertedWithCustomError(staking, "StakingZeroAmount");
    });

    it("slash cuts proceeds to what there is, and pays nobody when nobody is named", async () => {
      const { staking, infer, pools, slashing, carol, node } = await load();
      await staking.connect(pools).earmark(node, 100n);
      await staking.connect(pools).freeze(node, 100n);
      const supply = await infer.totalSupply();
      await staking.connect(slashing).slash(node, 40n, { prover: carol.address, proverReward: 99n, panel: node, panelReward: 99n });
      expect(await staking.rewardOf(carol)).to.equal(40n);
      expect(await infer.totalSupply()).to.equal(supply);
      await staking.connect(slashing).slash(node, 60n, { prover: ZeroAddress, proverReward: 99n, panel: 0, panelReward: 99n });
      expect(await infer.totalSupply()).to.equal(supply - 60n);
    });
  });

  describe("bonds", () => {
    it("are posted, released and burned by Jobs and by Slashing", async () => {
      const { staking, infer, jobs, slashing, node } = await load();
      const supply = await infer.totalSupply();
      for (const caller of [jobs, slashing]) {
        const by = staking.connect(caller);
        await expect(by.postBond(node, 30n)).to.emit(staking, "BondPosted").withArgs(node, 30n);
        await expect(by.releaseBond(node, 10n)).to.emit(staking, "BondReleased").withArgs(node, 10n);
        await expect(by.burnBond(node, 20n)).to.emit(staking, "BondBurned").withArgs(node, 20n);
        await expect(by.burnBond(node, 1n)).to.be.revertedWithCustomError(staking, "StakingInsufficient");
        await expect(by.releaseBond(node, 1n)).to.be.revertedWithCustomError(staking, "StakingInsufficient");
        await expect(by.postBond(node, parseEther("1000"))).to.be.revertedWithCustomError(staking, "StakingInsufficient");
      }
      expect(await infer.totalSupply()).to.equal(supply - 40n);
      expect(await staking.stakeOf(node)).to.deep.equal([parseEther("1000") - 40n, 0n, 0n, 0n, 0n]);
    });
  });

  it("lets nobody use another contract's powers", async () => {
    const { staking, pools, jobs, slashing, alice, node } = await load();
    const proceeds = { prover: alice.address, proverReward: 1n, panel: 0n, panelReward: 0n };
    const calls = {
      earmark: [[node, 1n], [jobs, slashing, alice]],
      release: [[node, 1n], [jobs, slashing, alice]],
      freeze: [[node, 1n], [jobs, slashing, alice]],
      thaw: [[node, 1n], [jobs, pools, alice]],
      slash: [[node, 1n, proceeds], [jobs, pools, alice]],
      postBond: [[node, 1n], [pools, alice]],
      releaseBond: [[node, 1n], [pools, alice]],
      burnBond: [[node, 1n], [pools, alice]],
    } as const;
    for (const [name, [args, callers]] of Object.entries(calls)) {
      for (const caller of callers) {
        await expect(staking.connect(caller).getFunction(name)(...args), name)
          .to.be.revertedWithCustomError(staking, "StakingUnauthorized").withArgs(caller.address);
      }
    }
  });

  it("keeps reentrant stake tokens out", async () => {
    const { parameters, pools, jobs, slashing } = await load();
    const token = await ethers.deployContract("ReentrantToken");
    const staking = await ethers.deployContract("Staking", [token, parameters, pools, jobs, slashing]);
    const data = staking.interface.encodeFunctionData("register", [jobs.address, jobs.address, PROFILE, ZeroHash]);
    await token.forward(staking, data); // the token itself owns node 1
    await token.mint(jobs, 100n);
    await token.connect(jobs).approve(staking, 100n);
    await token.arm(staking, staking.interface.encodeFunctionData("deposit", [1, 1]));
    await staking.connect(jobs).deposit(1, 100n);
    expect(await token.calls()).to.equal(1);
    expect(await token.lastSuccess()).to.equal(false);
    expect(await token.lastReturn()).to.equal(ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10));
    expect((await staking.stakeOf(1)).free).to.equal(100n);
  });
});
