import type { Result } from "ethers";
import type { Hex32 } from "../../core/index.ts";
import type { RevealCall } from "../port.ts";
import { jobs } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { decodeTerms, jobIdOf } from "./terms.ts";

/** Calls inside a multicall inside a multicall …: nobody sends that, but somebody could. */
const DEEPEST = 2;

/** The reveals in what a transaction said to Jobs, alone or in a multicall; empty for anything else. */
export function revealsIn(deployment: Pick<Deployment, "chainId" | "jobs">, data: string, depth = 0): RevealCall[] {
  const call = parse(data);
  if (call?.name === "multicall" && depth < DEEPEST) return [...(call.args[0] as Result)].flatMap((part: string) => revealsIn(deployment, part, depth + 1));
  if (call?.name !== "reveal") return [];
  const [terms, batch, position, roots, dataDigest, salt] = call.args as unknown as [Result, bigint, bigint, Result, Hex32, Hex32];
  const job = jobIdOf(deployment.chainId, deployment.jobs, decodeTerms(terms));
  return [{ job, batch: Number(batch), position: Number(position), roots: [...roots] as Hex32[], dataDigest, salt }];
}

function parse(data: string): { name: string; args: Result } | null {
  try {
    return jobs.parseTransaction({ data });
  } catch {
    return null;
  }
}
