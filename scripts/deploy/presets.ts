const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Fields of the contract's `ParameterSet`, in its order: seconds, counts and 1/10 000. */
export interface ParameterSet {
  readonly unbonding: number;
  readonly minCommitWindow: number;
  readonly minRevealWindow: number;
  readonly minChallengeWindow: number;
  readonly minLargeChallengeWindow: number;
  readonly maxWindow: number;
  readonly resolveWindow: number;
  readonly appealWindow: number;
  readonly decisionWindow: number;
  readonly maxDuration: number;
  readonly minReplicas: number;
  readonly panelSize: number;
  readonly panelQuorum: number;
  readonly maxReplacements: number;
  readonly lockMultiple: number;
  readonly fullLockMargin: number;
  readonly drawFeeBps: number;
  readonly protocolFeeBps: number;
  readonly minAggregatorFeeBps: number;
  readonly maxAggregatorFeeBps: number;
  readonly missPenaltyBps: number;
  readonly bountyBps: number;
  readonly aggregatorBondBps: number;
  readonly appealBondBps: number;
}

/** The numbers of one deployment. Times are seconds. */
export interface Preset {
  /** Whether money is at stake: then draws must not depend on block hashes, which block builders can choose. */
  readonly publicChain: boolean;
  readonly set: ParameterSet;
  readonly epochSeconds: number;
  /** Blocks from naming a round to its value. */
  readonly randomnessDelay: number;
  readonly timelockDelay: number;
  readonly votingDelay: number;
  readonly votingPeriod: number;
  /** Votes needed to propose, wei of INFER. */
  readonly proposalThreshold: bigint;
  readonly quorumPercent: number;
}

/** What both presets share: shares and fees. */
const SHARES = {
  lockMultiple: 16,
  drawFeeBps: 500,
  protocolFeeBps: 500,
  minAggregatorFeeBps: 50,
  maxAggregatorFeeBps: 200,
  missPenaltyBps: 5_000,
  bountyBps: 5_000,
  aggregatorBondBps: 1_000,
  appealBondBps: 1_000,
} as const;

/** Numbers for a public chain. Voting and the Timelock (8 days) fit an appeal's decision window. */
export const production: Preset = {
  publicChain: true,
  set: {
    unbonding: 14 * DAY,
    minCommitWindow: 10 * MINUTE,
    minRevealWindow: 10 * MINUTE,
    minChallengeWindow: 30 * MINUTE,
    minLargeChallengeWindow: DAY,
    maxWindow: DAY,
    resolveWindow: HOUR,
    appealWindow: 3 * DAY,
    decisionWindow: 14 * DAY,
    maxDuration: 7 * DAY,
    minReplicas: 2,
    panelSize: 7,
    panelQuorum: 5,
    maxReplacements: 2,
    fullLockMargin: 8,
    ...SHARES,
  },
  epochSeconds: 10 * MINUTE,
  randomnessDelay: 64,
  timelockDelay: 2 * DAY,
  votingDelay: DAY,
  votingPeriod: 5 * DAY,
  proposalThreshold: 100_000n * 10n ** 18n,
  quorumPercent: 4,
};

/** Numbers for a development chain: a job, a conflict or a vote ends within seconds. */
export const development: Preset = {
  publicChain: false,
  set: {
    unbonding: 2 * HOUR,
    minCommitWindow: 5,
    minRevealWindow: 5,
    minChallengeWindow: 2,
    minLargeChallengeWindow: 2,
    maxWindow: 10 * MINUTE,
    resolveWindow: 30,
    appealWindow: 3,
    decisionWindow: 60,
    maxDuration: HOUR,
    minReplicas: 1,
    panelSize: 3,
    panelQuorum: 2,
    maxReplacements: 2,
    fullLockMargin: 2,
    ...SHARES,
  },
  epochSeconds: 10,
  randomnessDelay: 1,
  timelockDelay: 1,
  votingDelay: 1,
  votingPeriod: 10,
  proposalThreshold: 0n,
  quorumPercent: 1,
};

export const PRESETS = { production, development } as const;
export type PresetName = keyof typeof PRESETS;
