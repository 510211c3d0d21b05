import { relative } from "node:path";
import { formatAmount, INFER_DECIMALS } from "../commands/options.ts";
import type { JobAnswer } from "../job/answer.ts";
import { columns, type Paint } from "../terminal/style.ts";
import type { DemoNode } from "./nodes.ts";
import type { DemoReport } from "./report.ts";
import type { Neighbours } from "./search.ts";

/** What the summary tells. */
export interface SummaryParts {
  readonly report: DemoReport;
  readonly answer: JobAnswer;
  readonly nodes: readonly DemoNode[];
  readonly neighbours: readonly Neighbours[];
  /** What to call lines whose id says nothing, by id. */
  readonly labels: ReadonlyMap<string, string>;
  /** Base units of USDC by node id. */
  readonly earned: Readonly<Record<string, bigint>>;
  readonly reportPath: string;
}

const usdc = (amount: bigint | number) => `${formatAmount(BigInt(amount), 6)} USDC`;
const infer = (amount: string) => `${Number(formatAmount(BigInt(amount), INFER_DECIMALS)).toFixed(2)} INFER`;
const list = (numbers: readonly number[]) => numbers.join(", ");

/** The outcome of the demo for people. */
export function summarise(parts: SummaryParts, paint: Paint): string {
  const sections = [
    ["Nearest neighbours", neighbours(parts, paint)],
    ["Who did what", who(parts, paint)],
    ["Agreement", agreement(parts.report)],
    ["Slashed", slashed(parts, paint)],
    ["Money", money(parts.report, paint)],
    ["Gas", gas(parts.report)],
    ["Files", files(parts)],
  ] as const;
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `\n${paint("bold", title)}\n${lines.map((line) => `  ${line}`).join("\n")}`)
    .join("\n");
}

function neighbours({ neighbours: found, labels }: SummaryParts, paint: Paint): string[] {
  const label = (id: string) => labels.get(id) ?? id;
  return found.flatMap(({ query, found }) => [paint("cyan", label(query)), ...columns(found.map(({ id, similarity }) => [similarity.toFixed(3), label(id)])).map((line) => `  ${line}`)]);
}

function who({ answer, nodes, earned, report }: SummaryParts, paint: Paint): string[] {
  const shardsOf = (id: number) => answer.shards.flatMap(({ nodes: members }, shard) => (members.includes(id) ? [shard] : []));
  return columns(
    [...nodes]
      .sort((a, b) => a.node - b.node)
      .map(({ node, role, behaviour }) => {
        const shards = shardsOf(node);
        const work = role === "aggregator" ? "quotes, cranks, merges" : shards.length === 0 ? "no shard" : `shard${shards.length > 1 ? "s" : ""} ${list(shards)}`;
        const punished = report.slashes.some((slash) => slash.node === node);
        const conduct = behaviour === "honest" ? "" : shards.length === 0 ? "not drawn: no chance to misbehave" : paint("red", behaviour === "lies" ? "lied about some items" : "committed and fell silent");
        return [`node ${node}`, role, work, `earned ${usdc(earned[node] ?? 0n)}`, punished ? paint("red", "slashed") : "", conduct];
      }),
  );
}

function agreement({ shards, agreedShards, conflictShards, refundedShards, replicas, items, seconds }: DemoReport): string[] {
  return [
    `${agreedShards} of ${shards} shards agreed on by ${replicas} replicas each; ${conflictShards} were in conflict and decided by panels, ${refundedShards} refunded`,
    `${items} items in ${seconds.total.toFixed(1)} s from submission to the verified output; ${seconds.inferenceCpu.toFixed(1)} CPU-seconds of inference in all; set-up ${seconds.setup.toFixed(1)} s`,
  ];
}

function slashed({ report }: SummaryParts, paint: Paint): string[] {
  if (report.slashes.length === 0) return ["nobody"];
  return columns(report.slashes.map(({ node, offence, amount }) => [`node ${node}`, paint("red", offence), infer(amount)]));
}

function money({ paid, fees, refunded, conserved, conservation }: DemoReport, paint: Paint): string[] {
  return [
    `paid to providers ${usdc(paid)}, fees ${usdc(fees)}, back to the client ${usdc(refunded)}`,
    ...columns(conservation.map(({ name, left, right, holds }) => [holds ? paint("green", "=") : paint("red", "differs"), name, holds ? "" : `${left} and ${right}`])),
    conserved ? paint("green", "nothing came from nowhere, nothing was lost") : paint("red", "the money does not add up"),
  ];
}

function gas({ gas: g }: DemoReport): string[] {
  const n = (value: number) => value.toLocaleString("en-US");
  return [
    `open ${n(g.open)}, draw ${n(g.drawPerReplica)} a replica, commit ${n(g.commit)}, reveal ${n(g.reveal)}, settle ${n(g.settle)}, finalise ${n(g.finalise)}`,
    `all together ${n(g.totalPerShard)} a shard, ${n(g.perItem)} an item (conflicts, panels and punishments included)`,
  ];
}

function files({ report, reportPath }: SummaryParts): string[] {
  return columns([
    ["output", shown(report.outputPath)],
    ["receipt", `${shown(report.receiptPath)} (${report.receiptValid ? "verified against the chain" : "DOES NOT VERIFY"})`],
    ["report", shown(reportPath)],
  ]);
}

/** A path as short as it can be said from here. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
