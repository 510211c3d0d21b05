import type { EventLog, Log, LogDescription } from "ethers";
import type { DevnetContracts } from "./chain.ts";

/** What one job cost, and whom. Amounts in base units of its token. */
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

/** Reads what the logs of one job say, and what everything cost that was sent to Jobs and Slashing since it was opened. */
export async function jobLedger(net: DevnetContracts, job: string): Promise<JobLedger> {
  const opened = (await net.jobs.queryFilter(net.jobs.filters.JobOpened!(job), net.origin)) as EventLog[];
  if (opened.length === 0) throw new Error(`the chain knows no job ${job}`);
  const from = opened[0]!.blockNumber;
  const addresses = [String(net.jobs.target), String(net.slashing.target)];
  const logs = await net.provider.getLogs({ address: addresses, fromBlock: from });
  const parsed = logs.map((log) => ({ log, event: (log.address === net.jobs.target ? net.jobs : net.slashing).interface.parseLog(log) })).filter((entry): entry is Parsed => entry.event !== null);
  const named = (name: string) => parsed.filter(({ event }) => event.name === name).map(({ event }) => event);
  const ofJob = (name: string) => named(name).filter((event) => event.args.job === job);

  const closed = ofJob("JobClosed")[0];
  const faults = ofJob("FaultFound").map(({ args }) => net.jobs.faultOf!(job, args.batch, args.position) as Promise<[bigint, bigint]>);
  const ids = (name: string) => new Set(named(name).map(({ args }) => args.slash as bigint));
  const [executed, cancelled] = [ids("SlashExecuted"), ids("SlashCancelled")];
  return {
    deposit: opened[0]!.args.deposit as bigint,
    aggregatorFee: (closed?.args.aggregatorFee as bigint | undefined) ?? 0n,
    protocolFee: (closed?.args.protocolFee as bigint | undefined) ?? 0n,
    refunded: (closed?.args.refund as bigint | undefined) ?? 0n,
    closed: closed !== undefined,
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
    const name = contract?.interface.parseTransaction(transaction!)?.name ?? "other";
    const entry = (gas[name] ??= { calls: 0, gas: 0n });
    entry.calls++;
    entry.gas += receipt!.gasUsed;
  }
  return gas;
}
