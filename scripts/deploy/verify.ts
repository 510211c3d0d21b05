import { Contract, ZeroAddress, id, type JsonRpcProvider, type Result } from "ethers";
import type { BuildArtifacts } from "./artifacts.ts";
import type { Deployment } from "./deploy.ts";
import type { Preset } from "./presets.ts";

/** What was asked for beside the addresses. */
export interface Expected {
  readonly preset: Preset;
  readonly deployer: string;
  readonly guardian: string;
  readonly holder: string;
}

const ADMIN = `0x${"0".repeat(64)}`;
const ROLES = { proposer: id("PROPOSER_ROLE"), canceller: id("CANCELLER_ROLE"), executor: id("EXECUTOR_ROLE") };

/**
 * Reads every immutable, role and number of a fresh deployment back from the chain.
 * @throws naming everything that differs
 */
export async function verifyDeployment(provider: JsonRpcProvider, artifacts: BuildArtifacts, d: Deployment, expected: Expected): Promise<void> {
  const at = (name: string, address: string) => new Contract(address, artifacts.read(name).abi, provider);
  const contracts: Record<string, Contract> = {
    timelock: at("InfernetTimelock", d.timelock),
    token: at("InfernetToken", d.token),
    governor: at("InfernetGovernor", d.governor),
    parameters: at("Parameters", d.parameters),
    staking: at("Staking", d.staking),
    pools: at("Pools", d.pools),
    randomness: at("BlockhashRandomness", d.randomness),
    jobs: at("Jobs", d.jobs),
    slashing: at("Slashing", d.slashing),
  };
  const faults: string[] = [];
  for (const [contract, getter, args, wanted] of checks(d, expected)) {
    const found: unknown = await contracts[contract]!.getFunction(getter)(...args);
    if (String(found) !== String(wanted)) faults.push(`${contract}.${getter}(${args.join(", ")}) is ${String(found)}, not ${String(wanted)}`);
  }
  const set = ((await contracts.parameters!.getFunction("at")(1)) as Result).toObject();
  for (const [field, wanted] of Object.entries(expected.preset.set)) {
    if (set[field] !== BigInt(wanted as number)) faults.push(`parameters.at(1).${field} is ${String(set[field])}, not ${String(wanted)}`);
  }
  if (faults.length > 0) throw new Error(`the deployment is not what it should be:\n${faults.join("\n")}`);
}

type Check = readonly [contract: string, getter: string, args: readonly unknown[], wanted: unknown];

function checks(d: Deployment, { preset, deployer, guardian, holder }: Expected): Check[] {
  const same = (contract: string, getters: Record<string, unknown>): Check[] =>
    Object.entries(getters).map(([getter, wanted]) => [contract, getter, [], wanted] as const);
  const role = (name: string, account: string, has: boolean): Check => ["timelock", "hasRole", [name, account], has];
  return [
    ...same("timelock", { getMinDelay: preset.timelockDelay }),
    role(ADMIN, d.timelock, true),
    role(ROLES.proposer, d.governor, true),
    role(ROLES.canceller, d.governor, true),
    role(ROLES.executor, ZeroAddress, true),
    ...[ADMIN, ...Object.values(ROLES)].map((name) => role(name, deployer, false)),
    ["token", "balanceOf", [holder], 1_000_000_000n * 10n ** 18n],
    ...same("governor", {
      token: d.token, timelock: d.timelock, votingDelay: preset.votingDelay, votingPeriod: preset.votingPeriod,
      proposalThreshold: preset.proposalThreshold, "quorumNumerator()": preset.quorumPercent,
    }),
    ...same("parameters", { timelock: d.timelock, guardian, version: 1, openPaused: false }),
    ...same("staking", { token: d.token, parameters: d.parameters, pools: d.pools, jobs: d.jobs, slashing: d.slashing }),
    ...same("pools", { parameters: d.parameters, staking: d.staking, jobs: d.jobs, slashing: d.slashing, EPOCH: preset.epochSeconds }),
    ...same("randomness", { DELAY_BLOCKS: preset.randomnessDelay }),
    ...same("jobs", {
      parameters: d.parameters, staking: d.staking, pools: d.pools, randomness: d.randomness, slashing: d.slashing, treasury: d.timelock,
    }),
    ...same("slashing", { parameters: d.parameters, staking: d.staking, pools: d.pools, jobs: d.jobs, timelock: d.timelock }),
  ];
}
