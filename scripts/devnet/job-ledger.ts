import type { EventLog, Interface, Log, LogDescription, Result } from "ethers";
import type { DevnetContracts } from "./chain.ts";

/** What jobs cost together, and whom. Amounts in base units of their token. */
export interface JobLedger {
  readonly deposit: bigint;
  readonly aggregatorFee: bigint;
  readonly protocolFee: bigint;
  readonly refunded: bigint;
  readonly closed: boolean;
  /** Gas by contract function: calls and their sum. */
  readonly gas: Readonly<Record<string, { calls: number; gas: bigint }>>;
  readonly slashes: readonly { slash: bigint; node: number; fault: number; amount: bigint; executed: boolean; cancelled: boolean }[];
  readonly penalties: readonly { node: number; fault: number; amount: bigint }[];
  /** Faults that nobody has punished yet. */
  readonly openFaults: number;
}

/** Reads what the logs of jobs say up to a block, and what everything cost that was sent to Jobs and Slashing since the first was opened. */
export async function jobLedger(net: DevnetContracts, ids: readonly string[], block: number): Promise<JobLedger> {
  const opened = ((await net.jobs.queryFilter("JobOpened", net.origin, block)) as EventLog[]).filter(({ args }) => ids.includes(args.job as string));
  if (opened.length < ids.length) throw new Error(`the chain knows ${opened.length} of the jobs ${ids.join(", ")}`);
  const from = opened[0]!.blockNumber;
  const addresses = [String(net.jobs.target), String(net.slashing.target)];
  const logs = await net.provider.getLogs({ address: addresses, fromBlock: from, toBlock: block });
  const parsed = logs.map((log) => ({ log, event: (log.address === net.jobs.target ? net.jobs : net.slashing).interface.parseLog(log) })).filter((entry): entry is Parsed => entry.event !== null);
  const named = (name: string) => parsed.filter(({ event }) => event.name === name).map(({ event }) => event);
  const ofJob = (name: string) => named(name).filter((event) => ids.includes(event.args.job as string));

  const closed = ofJob("JobClosed");
  const sum = (events: readonly { args: Result }[], field: string) => events.reduce((total, { args }) => total + (args[field] as bigint), 0n);
  const faults = ofJob("FaultFound").map(({ args }) => net.jobs.faultOf!(args.job, args.batch, args.position, { blockTag: block }) as Promise<[bigint, bigint]>);
  const slashIds = (name: string) => new Set(named(name).map(({ args }) => args.slash as bigint));
  const [executed, cancelled] = [slashIds("SlashExecuted"), slashIds("SlashCancelled")];
  return {
    deposit: sum(opened, "deposit"),
    aggregatorFee: sum(closed, "aggregatorFee"),
    protocolFee: sum(closed, "protocolFee"),
    refunded: sum(closed, "refund"),
    closed: closed.length === ids.length,
    gas: await gasOf(net, logs),
    slashes: ofJob("SlashProposed").map(({ args }) => ({
      slash: args.slash as bigint, node: Number(args.node), fault: Number(args.fault), amount: args.amount as bigint,
      executed: executed.has(args.slash as bigint), cancelled: cancelled.has(args.slash as bigint),
    })),
    penalties: ofJob("FaultPenalised").map(({ args }) => ({ node: Number(args.node), fault: Number(args.fault), amount: args.amount as bigint })),
    openFaults: (await Promise.all(faults)).filter(([fault]) => fault !== 0n).length,
  };
}

interface Parsed {
  readonly log: Log;
  readonly event: LogDescription;
}

async function gasOf(net: DevnetContracts, logs: readonly Log[]): Promise<JobLedger["gas"]> {
  const gas: Record<string, { calls: number; gas: bigint }> = {};
  const hashes = [...new Set(logs.map((log) => log.transactionHash))];
  for (const hash of hashes) {
    const [transaction, receipt] = await Promise.all([net.provider.getTransaction(hash), net.provider.getTransactionReceipt(hash)]);
    const contract = [net.jobs, net.slashing].find(({ target }) => target === transaction!.to);
    const name = contract === undefined ? "other" : functionOf(contract.interface, transaction!.data);
    const entry = (gas[name] ??= { calls: 0, gas: 0n });
    entry.calls++;
    entry.gas += receipt!.gasUsed;
  }
  return gas;
}

/** Name of the function that a transaction calls; of several calls in one, the last: a deposit is part of what follows it. */
function functionOf(contract: Interface, data: string): string {
  const call = contract.parseTransaction({ data });
  if (call?.name !== "multicall") return call?.name ?? "other";
  return functionOf(contract, (call.args[0] as string[]).at(-1)!);
}
