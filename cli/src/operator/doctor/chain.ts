import { InfernetError, isInfernetError } from "@infernet/sdk/core";
import type { EvmPort } from "@infernet/sdk/chain/evm";
import { COIN_DECIMALS, formatAmount, formatInfer, INFER_DECIMALS } from "../../commands/options.ts";
import { scanNode, type NodeHistory } from "../scan.ts";
import { openReader, operatorAddress, type NodeHome } from "../session.ts";
import { effective } from "../status.ts";
import { check, failed, ok, skipped, warning, type Finding, type Found } from "./finding.ts";

/** Seconds by which the clock may differ from chain time: deadlines follow the chain, but a log that lies about time misleads. */
const CLOCK_TOLERANCE = 60;
const CHAIN_STANDS_STILL = 600;

/** Which check an error of opening the chain belongs to. */
const OPENING = { chain_unreachable: "rpc", chain_rate_limited: "rpc", chain_mismatch: "chain id", unknown_deployment: "contracts", config_invalid: "contracts" } as const;

/** Looks at everything that stands on the chain. What cannot be looked at is named as skipped. */
export async function chainFindings(home: NodeHome, signal: AbortSignal): Promise<Finding[]> {
  const { role } = home;
  const order = ["rpc", "chain id", "contracts", "clock", "gas", "registration", "stake", ...(role.name === "provider" ? ["membership"] : [])];
  const skip = (names: readonly string[], why: string): Finding[] => names.map((name) => ({ name, ...skipped(why) }));
  let port: EvmPort;
  try {
    port = await openReader(home.settings);
  } catch (error) {
    const name = isInfernetError(error) && error.code in OPENING ? OPENING[error.code as keyof typeof OPENING] : "rpc";
    const index = order.indexOf(name);
    const unread = isInfernetError(error, "config_invalid"); // then nobody has been asked
    const passed = order.slice(0, index).map((before): Finding => ({ name: before, ...(unread ? skipped("needs the deployment") : ok("answers")) }));
    const fix = name === "rpc" ? "Start the chain's node, or correct rpcUrl." : name === "chain id" ? "rpcUrl and deployment must be of one chain: correct one of them." : "Set deployment to the contracts of this chain (deployments/<chain id>.json).";
    return [...passed, { name, ...failed((error as Error).message, fix) }, ...skip(order.slice(index + 1), `needs ${name}`)];
  }
  try {
    const opened: Finding[] = [{ name: "rpc", ...ok("answers") }, { name: "chain id", ...ok(port.chain.id) }, { name: "contracts", ...ok(`Jobs at ${port.jobsAddress}`) }];
    let operator: string;
    try {
      operator = operatorAddress(home.settings);
    } catch {
      return [...opened, await check("clock", () => clock(port)), ...skip(order.slice(4), "needs the key")];
    }
    const history = await scanNode(port, operator, signal);
    return [
      ...opened,
      await check("clock", () => clock(port)),
      await check("gas", () => gas(port, operator)),
      await check("registration", () => registration(home, operator, history)),
      await check("stake", () => stake(home, port, history)),
      ...(role.name === "provider" ? [await check("membership", () => membership(home, port, history))] : []),
    ];
  } finally {
    await port.close();
  }
}

async function clock(port: EvmPort): Promise<Found> {
  const { time, height } = await port.head();
  const ahead = Math.round(Date.now() / 1000) - time;
  if (ahead < -CLOCK_TOLERANCE) return warning(`this clock is ${-ahead} s behind the chain`, "Set the clock by NTP: timedatectl set-ntp true.");
  if (ahead > CHAIN_STANDS_STILL) return warning(`block ${height} is ${ahead} s old`, "Set the clock by NTP, or use an RPC endpoint that follows the chain.");
  return ok(`block ${height} is ${Math.max(0, ahead)} s old`);
}

async function gas(port: EvmPort, operator: string): Promise<Found> {
  const coins = await port.coins(operator);
  if (coins === 0n) return failed(`${operator} has no coins`, `Send some of the chain's coins to ${operator}: it pays for each commitment and reveal.`);
  return ok(`${operator} has ${formatAmount(coins, COIN_DECIMALS)} coins`);
}

function registration({ role }: NodeHome, operator: string, history: NodeHistory | null): Found {
  if (history === null) return failed(`no node has ${operator} as its operator`, `Register it with the owner's key: infernet ${role.name} register`);
  const { node, profile } = history.node;
  if (profile === null || profile.multiaddrs.length === 0) return failed(`node ${node} is published without an address`, `Publish it anew: infernet ${role.name} register`);
  return ok(`node ${node}, published at ${profile.multiaddrs.join(", ")}`);
}

async function stake({ role, settings }: NodeHome, port: EvmPort, history: NodeHistory | null): Promise<Found> {
  if (history === null) return skipped("needs registration");
  const held = (await port.node(history.node.node)).stake;
  const text = `${formatInfer(held.free)} free, ${formatInfer(held.earmarked)} behind slots, ${formatInfer(held.bonded)} in bonds`;
  if (role.name === "aggregator")
    return held.free + held.bonded > 0n ? ok(text) : failed("no stake: each job takes a bond", "Stake some with the owner's key: infernet aggregator stake <INFER>");
  const { slotStake } = await port.pool(requirePool(settings.pool));
  if (held.free + held.earmarked >= slotStake) return ok(text);
  return failed(`${text}; one slot of the pool takes ${formatInfer(slotStake)}`, `Stake with the owner's key: infernet provider stake ${formatAmount(slotStake, INFER_DECIMALS)} for each slot`);
}

async function membership({ settings }: NodeHome, port: EvmPort, history: NodeHistory | null): Promise<Found> {
  const pool = requirePool(settings.pool);
  if (!(await port.pool(pool)).listed) return failed(`the pool ${pool} is not listed: clients are not told of it`, "Set pool to a listed one.");
  if (history === null) return skipped("needs registration");
  const member = await port.membership(pool, history.node.node);
  if (member === null) return failed(`node ${history.node.node} is no member of the pool ${pool}`, "Join it with the owner's key: infernet provider join --capacity <slots>");
  const { next, suspended, jailedUntil, record } = member;
  if (suspended || jailedUntil === Infinity) return failed(jailedUntil === Infinity ? "the node is banned" : `jailed until ${new Date(jailedUntil * 1000).toISOString()}`, jailedUntil === Infinity ? "Its faults were too many: only a new node can work." : "Find out in the log why it failed; it is let in again by itself after that.");
  if (next.capacity === 0) return failed("a member without slots is never drawn", "Take some: infernet provider join --capacity <slots>");
  if (next.paused) return warning("paused: takes no new work", "If that is not intended: infernet provider resume");
  const { capacity, paused } = effective(member, (await port.head()).time);
  const later = capacity === next.capacity && !paused ? "" : ` (${next.capacity} from the next epoch on)`;
  return ok(`member ${member.member}, ${capacity} slots${later}, score ${record.score} of 10000`);
}

function requirePool(pool: NodeHome["settings"]["pool"]) {
  if (pool === undefined) throw new InfernetError("config_invalid", "no pool is set");
  return pool;
}
