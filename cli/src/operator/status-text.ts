import { COIN_DECIMALS, formatAmount, formatInfer } from "../commands/options.ts";
import { columns } from "../terminal/style.ts";
import type { NodeRole } from "./role.ts";
import type { NodeStatus } from "./status.ts";


/** A node's standing for people. */
export function statusText(role: Pick<NodeRole, "name">, status: NodeStatus): string {
  const { node, daemon, time } = status;
  const rows: string[][] = [["process", processText(status)], ["operator", `${status.operator}, ${formatAmount(status.coins, COIN_DECIMALS)} coins for gas`]];
  if (daemon.readiness !== null) for (const [check, { ok, detail }] of Object.entries(daemon.readiness.checks)) if (!ok) rows.push(["not ready", `${check}: ${detail}`]);
  if (node === null) return columns([...rows, ["node", `not registered: infernet ${role.name} register`]]).join("\n");
  rows.push(["node", `${node.node}, owner ${node.owner}, earnings go to ${node.payout}`]);
  const { free, earmarked, frozen, unbonding, bonded } = node.stake;
  rows.push(["stake", `${formatInfer(free)} free, ${formatInfer(earmarked)} behind slots, ${formatInfer(bonded)} in bonds, ${formatInfer(frozen)} frozen, ${formatInfer(unbonding)} unbonding`]);
  for (const membership of status.memberships) {
    const { pool, busy, suspended, next, changesAt, record, jailedUntil } = membership;
    const { capacity, paused } = membership.now;
    const state = suspended ? (jailedUntil === Infinity ? "banned" : `jailed until ${when(jailedUntil, time)}`) : paused ? "paused" : "active";
    const change = changesAt === null || (next.capacity === capacity && next.paused === paused) ? "" : `; ${next.capacity} slots${next.paused ? ", paused," : ""} from ${when(changesAt, time)}`;
    rows.push(["pool", `${pool.slice(0, 10)}… ${capacity} slots, ${busy} locked by work, ${state}, score ${record.score} of 10000${change}`]);
  }
  for (const { job, role: as, seats, deadline } of status.jobs) rows.push(["job", `${job} as ${as}${seats > 0 ? `, ${seats} seats` : ""}, deadline ${when(deadline, time)}`]);
  for (const { symbol, decimals, claimable, claimed } of status.earnings) rows.push(["earned", `${formatAmount(claimable, decimals)} ${symbol} to be claimed, ${formatAmount(claimed, decimals)} paid out`]);
  for (const { ticket, amount, readyAt } of status.tickets) rows.push(["unbonding", `${formatInfer(amount)}, ticket ${ticket}, ${readyAt <= time ? `ready: infernet ${role.name} withdraw` : `ready ${when(readyAt, time)}`}`]);
  return columns(rows).join("\n");
}

function processText({ daemon, draining, drained }: NodeStatus): string {
  const drain = drained ? ", drained" : draining ? ", draining" : "";
  if (!daemon.running) return `not running${drain}`;
  const ready = daemon.readiness === null ? "" : daemon.readiness.ready ? ", ready" : ", not ready";
  return `running${daemon.pid === null ? "" : ` as ${daemon.pid}`}${ready}${drain}`;
}

/** A chain time, and how far away it is. */
export function when(at: number, time: number): string {
  const seconds = Math.abs(at - time);
  const [n, unit] = seconds < 120 ? [seconds, "s"] : seconds < 7200 ? [Math.round(seconds / 60), "min"] : seconds < 172_800 ? [Math.round(seconds / 3600), "h"] : [Math.round(seconds / 86_400), "days"];
  return `${new Date(at * 1000).toISOString().replace(".000", "")} (${at < time ? `${n} ${unit} ago` : `in ${n} ${unit}`})`;
}
