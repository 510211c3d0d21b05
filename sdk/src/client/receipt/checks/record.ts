import { foldJob } from "../../../chain/index.ts";
import { wireTermsSchema } from "../../../net/index.ts";
import type { Hex32 } from "../../../core/index.ts";
import { fail, require, type Facts } from "../facts.ts";
import { historyOf } from "../history.ts";
import type { History } from "../schema.ts";

/** The contracts that the verifier knows are the ones that the receipt speaks of. */
export function deployment({ receipt, port }: Facts): string {
  require(receipt.chain.kind === port.chain.kind, `the receipt is of a chain of kind ${receipt.chain.kind}, this is ${port.chain.kind}`);
  require(receipt.chain.id === port.chain.id, `the receipt is of chain ${receipt.chain.id}, this is chain ${port.chain.id}`);
  require(receipt.contracts.jobs.toLowerCase() === port.jobsAddress.toLowerCase(), `the receipt names the contract ${receipt.contracts.jobs}, this chain's is ${port.jobsAddress}`);
  return `chain ${port.chain.id}, jobs held by ${port.jobsAddress}`;
}

/** The client's money was taken for exactly these terms: the job's id is their hash. */
export function escrow({ receipt, port, job }: Facts): string {
  let total = 0n;
  for (const { job: id, terms: text, opened } of receipt.jobs) {
    const { view } = job(id as Hex32);
    const terms = wireTermsSchema.parse(text);
    require(port.jobId(terms) === id, `the terms in the receipt do not hash to the job ${id}`);
    require(port.jobId(view.terms) === id, `the terms that the chain opened do not hash to the job ${id}`);
    require(BigInt(opened.deposit) === view.deposit, `the receipt says that job ${id} took ${opened.deposit}, the chain says ${view.deposit}`);
    total += view.deposit;
  }
  return `${receipt.jobs.length} job(s) opened with their terms, ${total} base units held in all`;
}

/** Everything that the receipt says about the chain stands there, at the place that it names. */
export function chainRecord({ receipt, job, directory }: Facts): string {
  let facts = 0;
  for (const copy of receipt.jobs) {
    const { events } = job(copy.job as Hex32);
    if (!events.some((event) => event.type === "job-closed")) fail(`the job ${copy.job} has not closed on this chain`);
    const fresh = historyOf(events, directory.nodeOf);
    for (const section of Object.keys(fresh) as (keyof History)[]) {
      const [mine, theirs] = [copy[section], fresh[section]];
      if (Array.isArray(theirs) && Array.isArray(mine)) {
        facts += mine.length;
        // Slashes and late settlements may have followed after the receipt was written.
        mine.forEach((entry, i) => require(same(entry, theirs[i]), `job ${copy.job}: ${section}[${i}] differs from the chain`));
        require(mine.length === theirs.length || LATE.has(section), `job ${copy.job}: the chain has ${theirs.length} ${section}, the receipt ${mine.length}`);
      } else require(same(mine, theirs), `job ${copy.job}: ${section} differs from the chain`);
    }
  }
  return `${facts} facts stand on the chain where the receipt says`;
}

/** The job has ended, as the receipt says. */
export function closed({ receipt, job }: Facts): string {
  const outcomes = receipt.jobs.map(({ job: id, closed: copy }) => {
    const { view } = job(id as Hex32);
    const outcome = foldJob(view.events).closed?.outcome ?? fail(`the job ${id} has not closed`);
    require(outcome === copy.outcome, `the receipt says that job ${id} ended ${copy.outcome}, the chain says ${outcome}`);
    return outcome;
  });
  return outcomes.join(", ");
}

const LATE = new Set<keyof History>(["slashes", "faults", "settlements", "verdicts"]);

/** Structural equality of plain data, whatever the order of keys. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key as never], b[key as never]));
}
