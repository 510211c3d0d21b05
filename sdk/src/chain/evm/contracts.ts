import { Interface } from "ethers";
import { erc20PermitAbi, errorsAbi, jobsAbi, parametersAbi, poolsAbi, slashingAbi, stakingAbi } from "../../generated/index.ts";

/** Encoders and decoders of the contracts. */
export const jobs = new Interface(jobsAbi);
export const slashing = new Interface(slashingAbi);
export const pools = new Interface(poolsAbi);
export const staking = new Interface(stakingAbi);
export const parameters = new Interface(parametersAbi);
export const erc20 = new Interface(erc20PermitAbi);
/** Every custom error of the protocol and of what it calls. */
export const errors = new Interface(errorsAbi);
