import { readFileSync } from "node:fs";
import type { JobAnswer } from "../../cli/src/job/answer.ts";
import { resultsOf } from "../../test/system/expected.ts";
import { settledBlock, type DevnetContracts } from "../devnet/chain.ts";
import { jobLedger } from "../devnet/job-ledger.ts";
import { moneySnapshot } from "../devnet/money.ts";
import { doubledDeeds } from "./effects.ts";

/** What a job should have come to. */
export interface Expectation {
  /** Its results, in order. */
  readonly expected: readonly unknown[];
  /** Nodes that may have lost something; then shards may also have been bought again in another job. */
  readonly excused?: ReadonlySet<number>;
}

/**
 * Holds a finished job against what was promised to everybody in it.
 * @param output - the client's output file, its report beside it
 * @param from - first block in which something of the job may stand
 * @returns every promise that was not kept
 */
export async function checkJob(net: DevnetContracts, output: string, from: number, { expected, excused }: Expectation): Promise<string[]> {
  const faults: string[] = [];
  if (JSON.stringify(resultsOf(output)) !== JSON.stringify(expected)) faults.push(`${output} does not hold the right results`);
  const { jobs, complete } = JSON.parse(readFileSync(`${output}.report`, "utf8")) as JobAnswer;
  if (!complete) faults.push("the client says that results are missing");
  if (jobs.length !== 1 && !excused?.size) faults.push(`${jobs.length} jobs were opened for one`);
  const block = await settledBlock(net.provider);
  const [money, ledger, doubled] = [await moneySnapshot(net, block), await jobLedger(net, jobs, block), await doubledDeeds(net, from, block)];
  for (const { name, left, right } of money.equations) if (left !== right) faults.push(`${name}: ${left} is not ${right}`);
  for (const { node, fault, amount } of [...ledger.slashes, ...ledger.penalties]) if (!excused?.has(node)) faults.push(`node ${node} lost ${amount} for fault ${fault}, and had done nothing`);
  for (const { from: account, deed, transactions } of doubled) faults.push(`${account} did twice: ${deed} (${transactions.join(", ")})`);
  return faults;
}
