import { expect } from "chai";
import { DAY, VALID_SET, deployCore, ethers, networkHelpers } from "./core.fixture.ts";

const load = () => networkHelpers.loadFixture(deployCore);
const TERMS = { allowed: true, stakeRate: 10n ** 18n, largeJob: 100n };

describe("Parameters", () => {
  it("starts with version 1 and its author", async () => {
    const { parameters, timelock, guardian } = await load();
    expect(await parameters.version()).to.equal(1);
    expect(await parameters.timelock()).to.equal(timelock.address);
    expect(await parameters.guardian()).to.equal(guardian.address);
    expect(await parameters.openPaused()).to.equal(false);
    expect(await parameters.at(1)).to.deep.equal(Object.values(VALID_SET));
    expect(await parameters.feesOf(1)).to.deep.equal([VALID_SET.drawFeeBps, VALID_SET.protocolFeeBps]);
    for (const version of [0, 2]) {
      await expect(parameters.at(version)).to.be.revertedWithCustomError(parameters, "ParametersUnknownVersion").withArgs(version);
      await expect(parameters.feesOf(version)).to.be.revertedWithCustomError(parameters, "ParametersUnknownVersion").withArgs(version);
    }
    await expect(ethers.deployContract("Parameters", [ethers.ZeroAddress, guardian, VALID_SET]))
      .to.be.revertedWithCustomError(parameters, "ParametersInvalid").withArgs("timelock");
  });

  describe("publish", () => {
    it("adds a version and keeps the old ones", async () => {
      const { parameters, timelock, infer } = await load();
      const set = { ...VALID_SET, lockMultiple: 20n };
      await expect(parameters.connect(timelock).publish(set)).to.emit(parameters, "ParametersPublished").withArgs(2, Object.values(set));
      expect((await parameters.at(1)).lockMultiple).to.equal(16);
      expect((await parameters.at(2)).lockMultiple).to.equal(20);
      const open = await parameters.forOpen(2, infer);
      expect(open.set.lockMultiple).to.equal(20);
      expect(open.newest).to.equal(2);
      // a stale version gets no set: `open` must refuse it
      expect((await parameters.forOpen(1, infer)).set.lockMultiple).to.equal(0);
    });

    const bad: Record<string, Partial<typeof VALID_SET>[]> = {
      minCommitWindow: [{ minCommitWindow: 0n }, { minCommitWindow: DAY + 1n }],
      minRevealWindow: [{ minRevealWindow: 0n }, { minRevealWindow: DAY + 1n }],
      minChallengeWindow: [{ minChallengeWindow: 0n }, { minChallengeWindow: DAY + 1n }],
      minLargeChallengeWindow: [{ minLargeChallengeWindow: DAY + 1n }],
      resolveWindow: [{ resolveWindow: 0n }],
      appealWindow: [{ appealWindow: 0n }],
      decisionWindow: [{ decisionWindow: 0n }],
      maxDuration: [{ maxDuration: 600n + 600n + DAY - 1n }],
      unbonding: [{ unbonding: 13n * DAY + 12n * 3_600n - 1n }, { unbonding: 0n }],
      minReplicas: [{ minReplicas: 0n }, { minReplicas: 9n }],
      panelSize: [{ panelSize: 0n, panelQuorum: 0n }, { panelSize: 9n }],
      panelQuorum: [{ panelQuorum: 3n }, { panelQuorum: 8n }],
      maxReplacements: [{ maxReplacements: 5n, resolveWindow: 60n }],
      lockMultiple: [{ lockMultiple: 0n }],
      protocolFeeBps: [{ protocolFeeBps: 1_001n }],
      drawFeeBps: [{ drawFeeBps: 501n }],
      maxAggregatorFeeBps: [{ maxAggregatorFeeBps: 201n }],
      minAggregatorFeeBps: [{ minAggregatorFeeBps: 201n }],
      missPenaltyBps: [{ missPenaltyBps: 10_001n }],
      bountyBps: [{ bountyBps: 5_001n }],
      aggregatorBondBps: [{ aggregatorBondBps: 10_001n }],
      appealBondBps: [{ appealBondBps: 10_001n }],
    };
    for (const [field, changes] of Object.entries(bad)) {
      it(`holds ${field} in its range`, async () => {
        const { parameters, timelock } = await load();
        for (const change of changes) {
          await expect(parameters.connect(timelock).publish({ ...VALID_SET, ...change }))
            .to.be.revertedWithCustomError(parameters, "ParametersInvalid").withArgs(field);
        }
      });
    }

    it("takes each bound itself", async () => {
      const { parameters, timelock } = await load();
      const edges: Partial<typeof VALID_SET>[] = [
        { unbonding: 13n * DAY + 12n * 3_600n },
        { minCommitWindow: DAY, minRevealWindow: DAY, minChallengeWindow: DAY },
        { panelSize: 1n, panelQuorum: 1n },
        { panelSize: 8n, panelQuorum: 5n },
        { minReplicas: 8n, maxReplacements: 4n, resolveWindow: 60n },
        { protocolFeeBps: 1_000n, drawFeeBps: 1_000n, minAggregatorFeeBps: 200n, bountyBps: 0n },
        { missPenaltyBps: 10_000n, aggregatorBondBps: 10_000n, appealBondBps: 10_000n },
      ];
      for (const edge of edges) await parameters.connect(timelock).publish({ ...VALID_SET, ...edge });
      expect(await parameters.version()).to.equal(1 + edges.length);
    });

    it("is the Timelock's, as tokens and the guardian are", async () => {
      const { parameters, guardian, infer } = await load();
      const as = parameters.connect(guardian);
      const calls = [() => as.publish(VALID_SET), () => as.setToken(infer, TERMS), () => as.setGuardian(guardian)];
      for (const call of calls) {
        await expect(call()).to.be.revertedWithCustomError(parameters, "ParametersUnauthorized").withArgs(guardian.address);
      }
    });
  });

  describe("setToken", () => {
    it("allows, changes and stops a token", async () => {
      const { parameters, timelock, infer } = await load();
      const own = parameters.connect(timelock);
      await expect(own.setToken(infer, TERMS)).to.emit(parameters, "TokenSet").withArgs(await infer.getAddress(), Object.values(TERMS));
      expect(await parameters.tokenTerms(infer)).to.deep.equal(Object.values(TERMS));
      expect((await parameters.forOpen(1, infer)).token_).to.deep.equal(Object.values(TERMS));
      await own.setToken(infer, { ...TERMS, allowed: false, stakeRate: 0n });
      expect((await parameters.tokenTerms(infer)).allowed).to.equal(false);
    });

    it("refuses accounts without code and locks worth nothing", async () => {
      const { parameters, timelock, alice, infer } = await load();
      const own = parameters.connect(timelock);
      await expect(own.setToken(alice, TERMS)).to.be.revertedWithCustomError(parameters, "ParametersTokenRefused").withArgs(alice.address);
      await expect(own.setToken(infer, { ...TERMS, stakeRate: 0n })).to.be.revertedWithCustomError(parameters, "ParametersTokenRefused");
      await own.setToken(alice, { ...TERMS, allowed: false }); // stopping is always possible
    });
  });

  describe("the brake", () => {
    it("is pulled and released by guardian and Timelock only", async () => {
      const { parameters, timelock, guardian, alice, infer } = await load();
      for (const who of [guardian, timelock]) {
        await expect(parameters.connect(who).pauseOpen()).to.emit(parameters, "OpenPaused").withArgs(who.address);
        expect((await parameters.forOpen(1, infer)).paused).to.equal(true);
        await expect(parameters.connect(who).resumeOpen()).to.emit(parameters, "OpenResumed").withArgs(who.address);
        expect(await parameters.openPaused()).to.equal(false);
      }
      const other = parameters.connect(alice);
      await expect(other.pauseOpen()).to.be.revertedWithCustomError(parameters, "ParametersUnauthorized").withArgs(alice.address);
      await expect(other.resumeOpen()).to.be.revertedWithCustomError(parameters, "ParametersUnauthorized");
    });

    it("goes with the guardian's office", async () => {
      const { parameters, timelock, guardian, alice } = await load();
      await expect(parameters.connect(timelock).setGuardian(alice)).to.emit(parameters, "GuardianSet").withArgs(alice.address);
      await expect(parameters.connect(guardian).pauseOpen()).to.be.revertedWithCustomError(parameters, "ParametersUnauthorized");
      await parameters.connect(alice).pauseOpen();
    });
  });
});
