import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * Contracts in the order they are deployed. The order is part of the deployment: contracts name each other as
 * immutables, so addresses of later ones are predicted from the deployer's nonce.
 */
export const ORDER = [
  "InfernetTimelock",
  "InfernetToken",
  "InfernetGovernor",
  "Parameters",
  "Staking",
  "Pools",
  "BlockhashRandomness",
  "Admission",
  "Resolution",
  "Faults",
  "Jobs",
  "Slashing",
] as const;

/**
 * Deploys everything. Parameters: the predicted addresses `governor`, `pools`, `jobs`, `slashing`, the first
 * parameter set `set`, and the numbers of governance and epochs. `scripts/deploy` computes and checks them.
 */
export default buildModule("Infernet", (m) => {
  const predicted = (name: string) => m.getParameter<string>(name);
  const governorAddress = predicted("governor");
  const poolsAddress = predicted("pools");
  const jobsAddress = predicted("jobs");
  const slashingAddress = predicted("slashing");

  const timelock = m.contract("InfernetTimelock", [m.getParameter<bigint>("timelockDelay"), governorAddress]);
  const token = m.contract("InfernetToken", [m.getParameter<string>("holder")], { after: [timelock] });
  const governor = m.contract("InfernetGovernor", [
    token,
    timelock,
    m.getParameter<bigint>("votingDelay"),
    m.getParameter<bigint>("votingPeriod"),
    m.getParameter<bigint>("proposalThreshold"),
    m.getParameter<bigint>("quorumPercent"),
  ]);
  const parameters = m.contract("Parameters", [timelock, m.getParameter<string>("guardian"), m.getParameter("set")], {
    after: [governor],
  });
  const staking = m.contract("Staking", [token, parameters, poolsAddress, jobsAddress, slashingAddress]);
  const pools = m.contract("Pools", [parameters, staking, jobsAddress, slashingAddress, m.getParameter<bigint>("epochSeconds")]);
  const randomness = m.contract("BlockhashRandomness", [m.getParameter<bigint>("randomnessDelay")], { after: [pools] });
  const admission = m.library("Admission", { after: [randomness] });
  const resolution = m.library("Resolution", { after: [admission] });
  const faults = m.library("Faults", { after: [resolution] });
  const jobs = m.contract("Jobs", [parameters, staking, pools, randomness, slashingAddress], {
    libraries: { Admission: admission, Resolution: resolution, Faults: faults },
    after: [faults],
  });
  const slashing = m.contract("Slashing", [parameters, staking, pools, jobs]);

  return { timelock, token, governor, parameters, staking, pools, randomness, jobs, slashing };
});
