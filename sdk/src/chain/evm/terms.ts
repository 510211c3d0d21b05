import { AbiCoder, getAddress, keccak256, ParamType, ZeroAddress, ZeroHash, type Result } from "ethers";
import type { Hex32 } from "../../core/index.ts";
import type { JobTerms } from "../terms.ts";
import { jobs } from "./contracts.ts";

const TERMS = ParamType.from(jobs.getFunction("jobId")!.inputs[0]!);
const coder = AbiCoder.defaultAbiCoder();

/** Terms as the contracts' `Terms` struct; the fields reserved for later are zero. */
export function encodeTerms(terms: JobTerms): Record<string, unknown> {
  return { ...terms, verifier: ZeroAddress, verification: ZeroHash, flags: 0n };
}

/** Terms of a decoded `Terms` struct. */
export function decodeTerms(struct: Result): JobTerms {
  const word = (name: string) => struct.getValue(name) as bigint;
  const number = (name: string) => Number(word(name));
  return {
    client: struct.getValue("client") as string,
    nonce: word("nonce"),
    parameters: number("parameters"),
    manifest: struct.getValue("manifest") as Hex32,
    pool: struct.getValue("pool") as Hex32,
    token: struct.getValue("token") as string,
    shardReward: word("shardReward"),
    items: number("items"),
    itemsPerShard: number("itemsPerShard"),
    unitsPerShard: word("unitsPerShard"),
    replicas: number("replicas"),
    committeeWidth: number("committeeWidth"),
    aggregator: number("aggregator"),
    aggregatorFeeBps: number("aggregatorFeeBps"),
    commitWindow: number("commitWindow"),
    revealWindow: number("revealWindow"),
    challengeWindow: number("challengeWindow"),
    deadline: number("deadline"),
  };
}

/** JobLib.idOf: keccak256(abi.encode(chain id, Jobs address, terms)). */
export function jobIdOf(chainId: number, jobsAddress: string, terms: JobTerms): Hex32 {
  return keccak256(coder.encode(["uint256", "address", TERMS], [chainId, getAddress(jobsAddress), encodeTerms(terms)])) as Hex32;
}
