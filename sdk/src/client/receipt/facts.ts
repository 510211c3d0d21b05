import { isInfernetError, type Hex32 } from "../../core/index.ts";
import { foldJob, readDirectory, type Directory, type ChainEvent, type ChainPort, type ChainStep, type JobView } from "../../chain/index.ts";
import type { Receipt } from "./schema.ts";

/** What the chain itself says about one job of a receipt. */
export interface JobFacts {
  readonly events: readonly ChainEvent[];
  readonly view: JobView;
}

/** What a check works with. Nothing in it comes from the receipt but the receipt. */
export interface Facts {
  readonly receipt: Receipt;
  readonly port: ChainPort;
  readonly directory: Directory;
  /** What the chain credited in the transactions in which the jobs closed. */
  readonly earnings: readonly Earned[];
  /** @throws {CheckFailure} when the chain does not know the job */
  job(id: Hex32): JobFacts;
  readonly data: Uint8Array | undefined;
  readonly output: Uint8Array | undefined;
}

/** A credit to a node. */
export type Earned = ChainEvent & { readonly type: "earned" };

/** Why a check did not pass. */
export class CheckFailure extends Error {}

/** Ends a check with its reason. */
export function fail(reason: string): never {
  throw new CheckFailure(reason);
}

/** Ends a check unless the condition holds. */
export function require(condition: boolean, reason: string): void {
  if (!condition) fail(reason);
}

/** Reads from the chain what the checks of a receipt need. */
export async function readFacts(receipt: Receipt, port: ChainPort, files: { data?: Uint8Array; output?: Uint8Array }, signal?: AbortSignal): Promise<Facts> {
  const jobs = new Map<Hex32, JobFacts | string>();
  for (const { job } of receipt.jobs) jobs.set(job as Hex32, await readJob(port, job as Hex32));
  const closings = new Set([...jobs.values()].flatMap((found) => (typeof found === "string" ? [] : found.events.filter(({ type }) => type === "job-closed").map(({ at }) => at.transaction))));
  const earnings: Earned[] = [];
  const onStep = ({ events, rollback }: ChainStep) => {
    if (rollback !== undefined) earnings.splice(0, Infinity, ...earnings.filter(({ at }) => at.height <= rollback.to));
    for (const event of events) if (event.type === "earned" && closings.has(event.at.transaction)) earnings.push(event);
  };
  return {
    receipt,
    port,
    directory: await readDirectory(port, signal, onStep),
    earnings,
    job(id) {
      const found = jobs.get(id);
      return found === undefined ? fail(`the receipt names the job ${id} nowhere`) : typeof found === "string" ? fail(found) : found;
    },
    data: files.data,
    output: files.output,
  };
}

async function readJob(port: ChainPort, job: Hex32): Promise<JobFacts | string> {
  try {
    const events = await port.jobEvents(job);
    return events.length === 0 ? `the chain knows no job ${job}` : { events, view: foldJob(events) };
  } catch (error) {
    if (!isInfernetError(error) || error.retryable) throw error;
    return `the events of job ${job} cannot be read: ${error.message}`;
  }
}
