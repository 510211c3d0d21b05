import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DeploymentResultType, deploy, type DeploymentResult } from "@nomicfoundation/ignition-core";
import type { JsonRpcProvider, Wallet } from "ethers";
import infernet from "../../ignition/modules/infernet.ts";
import { BuildArtifacts } from "./artifacts.ts";
import { keepPlan, predict, type Plan } from "./plan.ts";
import type { Preset } from "./presets.ts";
import { signingProvider } from "./signing-provider.ts";
import { verifyDeployment } from "./verify.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Addresses of one deployment: the content of `deployments/<chainId>.json`. */
export interface Deployment {
  readonly chainId: number;
  /** Nothing of Infernet is older than this height. */
  readonly block: number;
  readonly token: string;
  readonly timelock: string;
  readonly governor: string;
  readonly parameters: string;
  readonly staking: string;
  readonly pools: string;
  readonly randomness: string;
  readonly jobs: string;
  readonly slashing: string;
}

export interface DeployOptions {
  readonly provider: JsonRpcProvider;
  /** Pays, and keeps no power. It must send nothing else meanwhile: addresses follow from its nonce. */
  readonly wallet: Wallet;
  readonly preset: Preset;
  /** Receives the whole supply of INFER; the deployer unless told otherwise. */
  readonly holder?: string;
  /** May pause `open`; the deployer unless told otherwise. */
  readonly guardian?: string;
  /** Folder of Ignition's journal, to go on after an interruption; none for chains that are thrown away. */
  readonly journal?: string;
  /** Take draws from block hashes on a public chain all the same: for test networks, where nothing is at stake. */
  readonly acceptBlockhash?: boolean;
  /** Blocks on top of a transaction before the next one is sent; 1 unless told otherwise. */
  readonly confirmations?: number;
}

/**
 * Deploys every contract by Ignition, then reads every immutable and role back.
 * @returns where the contracts are
 * @throws when a transaction fails or the chain does not show what was asked for,
 *   or before anything is sent when a public chain's draws would depend on block hashes unasked
 */
export async function deployInfernet(options: DeployOptions): Promise<Deployment> {
  const { provider, wallet, preset, holder = wallet.address, guardian = wallet.address, journal, confirmations = 1 } = options;
  if (preset.publicChain && options.acceptBlockhash !== true)
    throw new Error("this preset is for public chains, and the only randomness here is the development one (block hashes): accept it explicitly");
  const artifacts = new BuildArtifacts(join(ROOT, "artifacts"));
  const fresh: Plan = {
    deployer: wallet.address,
    chainId: Number((await provider.getNetwork()).chainId),
    nonce: await provider.getTransactionCount(wallet.address),
    block: await provider.getBlockNumber(),
  };
  const plan = journal === undefined ? fresh : keepPlan(join(journal, "plan.json"), fresh);
  const at = predict(plan);
  const result = await deploy({
    config: { requiredConfirmations: confirmations, blockPollingInterval: 100 },
    provider: signingProvider(provider, wallet),
    artifactResolver: artifacts,
    ignitionModule: infernet,
    deploymentParameters: {
      Infernet: {
        governor: at.InfernetGovernor, pools: at.Pools, jobs: at.Jobs, slashing: at.Slashing,
        holder, guardian, set: { ...preset.set },
        epochSeconds: preset.epochSeconds, randomnessDelay: preset.randomnessDelay, timelockDelay: preset.timelockDelay,
        votingDelay: preset.votingDelay, votingPeriod: preset.votingPeriod,
        proposalThreshold: preset.proposalThreshold, quorumPercent: preset.quorumPercent,
      },
    },
    accounts: [wallet.address],
    defaultSender: wallet.address,
    ...(journal === undefined ? {} : { deploymentDir: journal }),
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) throw new Error(`Ignition stopped: ${reason(result)}`);
  const deployment: Deployment = {
    chainId: plan.chainId, block: plan.block,
    token: at.InfernetToken, timelock: at.InfernetTimelock, governor: at.InfernetGovernor,
    parameters: at.Parameters, staking: at.Staking, pools: at.Pools, randomness: at.BlockhashRandomness,
    jobs: at.Jobs, slashing: at.Slashing,
  };
  await verifyDeployment(provider, artifacts, deployment, { preset, deployer: wallet.address, guardian, holder });
  return deployment;
}

/** Writes a deployment file; its folder is made. */
export function writeDeployment(file: string, deployment: Deployment): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(deployment, null, 2)}\n`);
}

function reason(result: Exclude<DeploymentResult, { type: DeploymentResultType.SUCCESSFUL_DEPLOYMENT }>): string {
  const { type, ...details } = result;
  return `${type} ${JSON.stringify(details, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value))}`;
}
