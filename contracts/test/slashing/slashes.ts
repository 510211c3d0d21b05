import { expect } from "chai";
import { SLOT, networkHelpers } from "../core.fixture.ts";
import { conflicting, drawn, expectAllFree, increase, load, nodeOf, now, stakeOf } from "../job.books.ts";
import { SETTINGS, termsOf } from "../network.fixture.ts";
import { ResultJob } from "../result.driver.ts";

const LOCK = 4n * SLOT;
const R = 20n * 10n ** 18n;

/** A conviction of a wrong result, slash 1. */
async function convicted() {
  const made = await conflicting();
  await made.job.verdict(await made.job.openConflict(0));
  const owner = made.net.providers[made.liar]!;
  return { ...made, owner, node: await nodeOf(made.net, made.liar) };
}

describe("Slashing.punish", () => {
  for (const [name, options, fault] of [["missed", { absent: [1] }, 2], ["declined", {}, 1]] as const) {
    it(`takes half of R a replica from a member that ${name}, at once, and frees its slots`, async () => {
      const { net, job } = await drawn();
      if (fault === 1) await job.decline(0, 1, 9);
      const speaking = [0, 2, 3];
      if (fault === 1) {
        for (const p of speaking) await job.commit(0, p);
        for (const p of speaking) await job.reveal(0, p);
      } else await job.play(0, options as { absent: number[] });
      await job.settle(0);
      const member = job.committees.get(0)![1]!;
      const before = await stakeOf(net, member);
      const { busy, capacity } = await net.pools.member(net.pool, member);
      await expect(net.slashing.connect(net.keeper).punish(job.terms, 0, 1))
        .to.emit(net.slashing, "FaultPenalised").withArgs(job.id, await nodeOf(net, member), fault, R, net.keeper.address);
      const after = await stakeOf(net, member);
      const slots = 1n; // R of two seats, halved: 20 INFER of a slot of 100
      expect(before.earmarked - after.earmarked).to.equal(slots * SLOT);
      expect(after.free - before.free).to.equal(slots * SLOT - R);
      const now_ = await net.pools.member(net.pool, member);
      expect([busy - now_.busy, capacity - now_.capacity]).to.deep.equal([8n, slots]);
      expect(await net.staking.rewardOf(net.keeper)).to.equal(fault === 1 ? 0n : R / 2n);
    });
  }

  it("freezes the locks of all seats of a member that committed and stayed silent", async () => {
    const { net, job } = await drawn();
    await job.play(0, { silent: [1] });
    await job.settle(0);
    const member = job.committees.get(0)![1]!;
    const tx = net.slashing.connect(net.keeper).punish(job.terms, 0, 1);
    await expect(tx).to.emit(net.slashing, "SlashProposed").withArgs(1, job.id, await nodeOf(net, member), 3, 2n * LOCK, (await now()) + 1n + SETTINGS.appealWindow, net.keeper.address);
    expect((await stakeOf(net, member)).frozen).to.equal(2n * LOCK);
  });

  it("refuses where there is no fault", async () => {
    const { net, job } = await drawn();
    const none = (batch: number, p: number) => expect(net.slashing.punish(job.terms, batch, p)).to.be.revertedWithCustomError(net.jobs, "JobsNoFault").withArgs(job.id, batch, p);
    await none(0, 0);
    await none(7, 0);
    await none(0, 255);
    await job.play(0);
    await job.settle(0);
    await none(0, 0);
    await job.finalise([0]);
    await none(0, 0);
  });

  it("punishes after the job is closed as before", async () => {
    const { net, job } = await drawn({ items: 10n });
    await job.play(0, { silent: [0] });
    await job.settle(0);
    await job.giveUp();
    expect((await job.state()).status).to.equal(5n);
    await net.slashing.punish(job.terms, 0, 0);
    await expectAllFree(net);
  });
});

describe("Slashing: appeals", () => {
  it("a cancelled slash gives back lock and bond, and pardons", async () => {
    const { net, owner, node } = await convicted();
    const bond = LOCK / 10n;
    const before = await net.staking.stakeOf(node);
    await expect(net.slashing.connect(owner).appeal(1)).to.emit(net.slashing, "AppealFiled").withArgs(1, bond);
    expect((await net.slashing.slashOf(1)).due).to.equal((await now()) + SETTINGS.decisionWindow);
    expect((await net.staking.stakeOf(node)).bonded).to.equal(bond);
    const tx = net.slashing.connect(net.timelock).decide(1, true);
    await expect(tx).to.emit(net.slashing, "SlashCancelled").withArgs(1);
    await expect(tx).to.emit(net.pools, "Pardoned").withArgs(node);
    const after = await net.staking.stakeOf(node);
    expect([after.frozen, after.bonded, after.free]).to.deep.equal([0n, 0n, before.free + LOCK]);
    await increase(SETTINGS.decisionWindow);
    await expect(net.slashing.execute(1)).to.be.revertedWithCustomError(net.slashing, "SlashingWrongStatus").withArgs(1, 4);
    await expect(net.slashing.connect(net.timelock).decide(1, false)).to.be.revertedWithCustomError(net.slashing, "SlashingWrongStatus").withArgs(1, 4);
  });

  it("a cancelled slash for silence pardons nothing: there was no conviction", async () => {
    const { net, job } = await drawn();
    await job.play(0, { silent: [1] });
    await job.settle(0);
    await net.slashing.punish(job.terms, 0, 1);
    await net.slashing.connect(net.providers[job.committees.get(0)![1]!]!).appeal(1);
    await expect(net.slashing.connect(net.timelock).decide(1, true)).to.not.emit(net.pools, "Pardoned");
  });

  it("an upheld slash burns the bond too", async () => {
    const { net, owner, node } = await convicted();
    await net.slashing.connect(owner).appeal(1);
    const supply = await net.infer.totalSupply();
    const tx = net.slashing.connect(net.timelock).decide(1, false);
    await expect(tx).to.emit(net.slashing, "SlashExecuted").withArgs(1, LOCK);
    await expect(tx).to.emit(net.staking, "BondBurned").withArgs(node, LOCK / 10n);
    // R to the prover, R/10 to each of three, the rest and the bond to the fire
    expect(supply - (await net.infer.totalSupply())).to.equal(LOCK - R - (3n * R) / 10n + LOCK / 10n);
    const after = await net.staking.stakeOf(node);
    expect([after.frozen, after.bonded]).to.deep.equal([0n, 0n]);
  });

  it("where governance is silent the slash executes and the bond returns", async () => {
    const { net, owner, node } = await convicted();
    await net.slashing.connect(owner).appeal(1);
    const { due } = await net.slashing.slashOf(1);
    await expect(net.slashing.execute(1)).to.be.revertedWithCustomError(net.slashing, "SlashingTooEarly").withArgs(due);
    await increase(SETTINGS.decisionWindow);
    await expect(net.slashing.connect(net.timelock).decide(1, true)).to.be.revertedWithCustomError(net.slashing, "SlashingTooLate").withArgs(due);
    await net.slashing.execute(1);
    const after = await net.staking.stakeOf(node);
    expect([after.frozen, after.bonded]).to.deep.equal([0n, 0n]);
    expect((await net.slashing.slashOf(1)).status).to.equal(3n);
  });

  it("an appeal is the owner's, before the slash is due, once, and costs free stake", async () => {
    const { net, owner, node } = await convicted();
    const appeal = () => net.slashing.connect(owner).appeal(1);
    await expect(net.slashing.connect(net.keeper).appeal(1)).to.be.revertedWithCustomError(net.slashing, "SlashingUnauthorized").withArgs(net.keeper.address);
    await expect(net.slashing.connect(owner).appeal(2)).to.be.revertedWithCustomError(net.slashing, "SlashingUnauthorized").withArgs(owner.address);
    const { free } = await net.staking.stakeOf(node);
    await net.staking.connect(owner).requestUnbonding(free);
    await expect(appeal()).to.be.revertedWithCustomError(net.staking, "StakingInsufficient");
    await net.staking.connect(net.deployer).deposit(node, LOCK);
    await appeal();
    await expect(appeal()).to.be.revertedWithCustomError(net.slashing, "SlashingWrongStatus").withArgs(1, 2);
  });

  it("an appeal in the second in which the slash is due is too late, and execution is not", async () => {
    const { net, owner } = await convicted();
    const { due } = await net.slashing.slashOf(1);
    await increase(due - (await now()) - 2n);
    await expect(net.slashing.execute(1)).to.be.revertedWithCustomError(net.slashing, "SlashingTooEarly").withArgs(due);
    await increase(1n);
    await expect(net.slashing.connect(owner).appeal(1)).to.be.revertedWithCustomError(net.slashing, "SlashingTooLate").withArgs(due);
    await net.slashing.execute(1);
    expect(await now()).to.equal(due);
  });

  it("governance decides appeals and creates nothing", async () => {
    const { net } = await convicted();
    await expect(net.slashing.connect(net.keeper).decide(1, true)).to.be.revertedWithCustomError(net.slashing, "SlashingUnauthorized").withArgs(net.keeper.address);
    await expect(net.slashing.connect(net.timelock).decide(1, true)).to.be.revertedWithCustomError(net.slashing, "SlashingWrongStatus").withArgs(1, 1);
    await expect(net.slashing.connect(net.timelock).decide(9, false)).to.be.revertedWithCustomError(net.slashing, "SlashingWrongStatus").withArgs(9, 0);
    await expect(net.slashing.execute(9)).to.be.revertedWithCustomError(net.slashing, "SlashingWrongStatus").withArgs(9, 0);
  });

  it("a free appeal takes no bond where the parameters ask for none", async () => {
    const net = await load();
    await net.parameters.connect(net.timelock).publish({ ...SETTINGS, appealBondBps: 0n });
    const job = new ResultJob(net, await termsOf(net, { items: 10n, parameters: 2n }));
    await job.open();
    await job.draw([0]);
    await job.play(0, { silent: [0] });
    await job.settle(0);
    await net.slashing.punish(job.terms, 0, 0);
    const owner = net.providers[job.committees.get(0)![0]!]!;
    await expect(net.slashing.connect(owner).appeal(1)).to.emit(net.slashing, "AppealFiled").withArgs(1, 0);
    const ends = [
      () => net.slashing.connect(net.timelock).decide(1, true),
      () => net.slashing.connect(net.timelock).decide(1, false),
      async () => {
        await increase(SETTINGS.decisionWindow);
        return net.slashing.execute(1);
      },
    ];
    for (const end of ends) {
      const snapshot = await networkHelpers.takeSnapshot();
      const tx = await end();
      await expect(tx).to.not.emit(net.staking, "BondReleased");
      await expect(tx).to.not.emit(net.staking, "BondBurned");
      await snapshot.restore();
    }
  });
});
