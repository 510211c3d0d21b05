import type { ChainPort } from "../../chain/index.ts";
import { content, data, output, proofs, ranges } from "./checks/data.ts";
import { payment } from "./checks/money.ts";
import { commits, draw, quorum, verdicts } from "./checks/quorum.ts";
import { chainRecord, closed, deployment, escrow } from "./checks/record.ts";
import { CheckFailure, readFacts, type Facts } from "./facts.ts";
import { receiptSchema, type Receipt } from "./schema.ts";

/** One thing that was looked at. */
export interface ReceiptCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, or why it fails. */
  readonly detail: string;
}

/** What became of a receipt's verification. */
export interface ReceiptVerdict {
  /** Whether every check that was made has passed. */
  readonly ok: boolean;
  readonly checks: readonly ReceiptCheck[];
  /** Checks that could not be made, for a file that was not handed in. */
  readonly skipped: readonly string[];
}

/** What a receipt is held against. */
export interface VerifyOptions {
  /** Reads the chain, over any RPC; its contracts are the ones that the verifier trusts. */
  readonly port: ChainPort;
  /** The results file. */
  readonly data?: Uint8Array;
  /** The output file. */
  readonly output?: Uint8Array;
  readonly signal?: AbortSignal;
}

type Check = readonly [name: string, check: (facts: Facts) => string | Promise<string>];

const CHECKS: readonly Check[] = [
  ["escrow", escrow],
  ["record", chainRecord],
  ["content", content],
  ["draw", draw],
  ["commits", commits],
  ["quorum", quorum],
  ["verdicts", verdicts],
  ["ranges", ranges],
  ["proofs", proofs],
  ["payment", payment],
  ["closed", closed],
];

/**
 * Checks a receipt against the chain, and the files against the receipt. What the receipt says about
 * the chain is never believed: everything is read again.
 * @param value - the receipt as JSON
 * @throws {InfernetError} only when the chain cannot be read
 */
export async function verifyReceipt(value: unknown, { port, data: dataFile, output: outputFile, signal }: VerifyOptions): Promise<ReceiptVerdict> {
  const parsed = receiptSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return verdict([{ name: "form", ok: false, detail: `${issue.path.join(".") || "receipt"}: ${issue.message}` }], []);
  }
  const checks: ReceiptCheck[] = [{ name: "form", ok: true, detail: "a receipt of version 1" }];
  const skipped: string[] = [];
  // The value itself is handed on: the schema turns amounts into numbers, and copies are compared as text.
  const receipt = value as Receipt;
  const shell = { receipt, port } as Facts;
  checks.push(await run(["deployment", deployment], shell));
  if (!checks.at(-1)!.ok) return verdict(checks, [...CHECKS.map(([name]) => name), "data", "output"]);
  const facts = await readFacts(receipt, port, { ...(dataFile && { data: dataFile }), ...(outputFile && { output: outputFile }) }, signal);
  for (const check of CHECKS) checks.push(await run(check, facts));
  if (dataFile === undefined) skipped.push("data");
  else checks.push(await run(["data", data], facts));
  if (outputFile === undefined) skipped.push("output");
  else checks.push(await run(["output", output], facts));
  return verdict(checks, skipped);
}

async function run([name, check]: Check, facts: Facts): Promise<ReceiptCheck> {
  try {
    return { name, ok: true, detail: await check(facts) };
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    return { name, ok: false, detail: error.message };
  }
}

function verdict(checks: readonly ReceiptCheck[], skipped: readonly string[]): ReceiptVerdict {
  return { ok: checks.every(({ ok }) => ok), checks, skipped };
}
