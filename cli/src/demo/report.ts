import { InfernetError } from "@infernet/sdk/core";
import type { Audit, Ledger } from "./audit.ts";
import type { JobAnswer } from "../job/answer.ts";

/** What the protocol calls each fault, by its number in the contracts. */
const OFFENCES = ["none", "declined", "no commit", "commit without reveal", "wrong result"] as const;

/** Two sums that had to be equal. */
export interface Equation {
  readonly name: string;
  readonly left: string;
  readonly right: string;
  readonly holds: boolean;
}

/** The demo's outcome for programs. USDC in base units (6 decimals), INFER in wei as text. */
export interface DemoReport {
  readonly items: number;
  readonly shards: number;
  readonly replicas: number;
  readonly agreedShards: number;
  readonly conflictShards: number;
  readonly refundedShards: number;
  readonly slashes: readonly { node: number; offence: string; amount: string }[];
  readonly paid: number;
  readonly refunded: number;
  readonly fees: number;
  readonly conserved: boolean;
  readonly conservation: readonly Equation[];
  readonly gas: { open: number; drawPerReplica: number; commit: number; reveal: number; settle: number; finalise: number; totalPerShard: number; perItem: number };
  readonly seconds: { setup: number; total: number; inferenceCpu: number };
  readonly outputPath: string;
  readonly receiptPath: string;
  readonly receiptValid: boolean;
  /** The job, and those in which refunded shards were bought again. */
  readonly jobs: readonly string[];
  readonly complete: boolean;
}

/** What the report is made of. */
export interface ReportSources {
  readonly answer: JobAnswer;
  readonly before: Audit;
  readonly after: Audit;
  readonly replicas: number;
  readonly setupSeconds: number;
  readonly inferenceCpu: number;
  readonly receiptValid: boolean;
}

export function demoReport({ answer, before, after, replicas, setupSeconds, inferenceCpu, receiptValid }: ReportSources): DemoReport {
  const ledger = after.job;
  if (ledger === null) throw new InfernetError("internal", "the audit did not look at the job");
  const earned = Object.values(earnedBy(before, after)).reduce((sum, amount) => sum + amount, 0n);
  const paid = earned - ledger.aggregatorFee;
  const conservation = conservationOf(before, after, ledger, paid);
  return {
    items: answer.items,
    shards: answer.shards.length,
    replicas,
    agreedShards: answer.shards.filter(({ state }) => state === "final").length,
    conflictShards: answer.conflicts,
    refundedShards: answer.shards.filter(({ state }) => state === "refunded" || state === "tied").length,
    slashes: [
      ...ledger.slashes.filter(({ cancelled }) => !cancelled).map(({ node, fault, amount }) => ({ node, offence: OFFENCES[fault] ?? "unknown", amount: String(amount) })),
      ...ledger.penalties.map(({ node, fault, amount }) => ({ node, offence: OFFENCES[fault] ?? "unknown", amount: String(amount) })),
    ],
    paid: Number(paid),
    refunded: Number(ledger.refunded),
    fees: Number(ledger.aggregatorFee + ledger.protocolFee),
    conserved: conservation.every(({ holds }) => holds),
    conservation,
    gas: gasOf(ledger, answer, replicas),
    seconds: { setup: round(setupSeconds), total: round(answer.seconds), inferenceCpu: round(inferenceCpu) },
    outputPath: answer.outputPath,
    receiptPath: answer.receiptPath,
    receiptValid,
    jobs: answer.jobs,
    complete: answer.complete,
  };
}

/** USDC that each node earned between two audits, claimed or not. */
export function earnedBy(before: Audit, after: Audit): Record<string, bigint> {
  return Object.fromEntries(Object.entries(after.money.earned).map(([node, amount]) => [node, amount - (before.money.earned[node] ?? 0n)]));
}

function conservationOf(before: Audit, after: Audit, ledger: Ledger, paid: bigint): Equation[] {
  const equation = (name: string, left: bigint, right: bigint): Equation => ({ name, left: String(left), right: String(right), holds: left === right });
  const total = (audit: Audit) => Object.values(audit.money.usdc.balances).reduce((sum, balance) => sum + balance, 0n);
  return [
    equation("USDC of everybody: before = after", total(before), total(after)),
    equation("deposits of the job = paid + fees + refunded", ledger.deposit, paid + ledger.aggregatorFee + ledger.protocolFee + ledger.refunded),
    ...after.money.equations.map(({ name, left, right }) => equation(name, left, right)),
  ];
}

function gasOf({ gas }: Ledger, { items, shards }: JobAnswer, replicas: number): DemoReport["gas"] {
  const sum = (name: string) => Number(gas[name]?.gas ?? 0n);
  const mean = (name: string) => Math.round(sum(name) / Math.max(1, gas[name]?.calls ?? 0));
  const total = Object.values(gas).reduce((all, entry) => all + Number(entry.gas), 0);
  return {
    open: sum("open"),
    drawPerReplica: Math.round(sum("draw") / (shards.length * replicas)),
    commit: mean("commit"),
    reveal: mean("reveal"),
    settle: mean("settle"),
    finalise: mean("finalise"),
    totalPerShard: Math.round(total / shards.length),
    perItem: Math.round(total / items),
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
