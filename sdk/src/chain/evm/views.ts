import type { Interface, Result } from "ethers";
import { InfernetError, isInfernetError, type Hex32 } from "../../core/index.ts";
import type { MembershipInfo, StakeTicket } from "../operator.ts";
import type { NodeInfo, PoolInfo, ProtocolParameters, TokenInfo } from "../port.ts";
import type { Account, JobTerms } from "../terms.ts";
import { erc20, jobs, parameters, pools, staking } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import type { Reader } from "./reader.ts";
import { encodeTerms } from "./terms.ts";

const NUMBERS = [
  "minReplicas", "panelSize", "panelQuorum", "maxReplacements", "minCommitWindow", "minRevealWindow", "minChallengeWindow", "minLargeChallengeWindow",
  "maxWindow", "maxDuration", "resolveWindow", "drawFeeBps", "protocolFeeBps", "minAggregatorFeeBps", "maxAggregatorFeeBps", "aggregatorBondBps",
] as const satisfies readonly (keyof ProtocolParameters)[];

/** Records count in ten-thousandths of a shard; see contracts/Reputation.sol. */
const RECORD_UNIT = 10_000;
const BANNED = 2n ** 40n - 1n;

/** What the contracts answer. */
export class Views {
  readonly #reader: Reader;
  readonly #deployment: Deployment;
  /** Parameter sets never change. */
  readonly #parameters = new Map<number, ProtocolParameters>();
  #epochSeconds: number | undefined;

  constructor(reader: Reader, deployment: Deployment) {
    this.#reader = reader;
    this.#deployment = deployment;
  }

  async cost(terms: JobTerms): Promise<bigint> {
    return (await this.#ask("jobs", jobs, "cost", encodeTerms(terms)))[0] as bigint;
  }

  async parameters(version?: number): Promise<ProtocolParameters> {
    const wanted = version ?? Number((await this.#ask("parameters", parameters, "version"))[0]);
    const known = this.#parameters.get(wanted);
    if (known !== undefined) return known;
    const [set] = (await this.#ask("parameters", parameters, "at", wanted)) as unknown as [Result];
    const numbers = Object.fromEntries(NUMBERS.map((name) => [name, Number(set.getValue(name))])) as Record<(typeof NUMBERS)[number], number>;
    const found = { version: wanted, ...numbers };
    this.#parameters.set(wanted, found);
    return found;
  }

  async pool(id: Hex32): Promise<PoolInfo> {
    try {
      const [[terms], state] = await Promise.all([this.#ask("pools", pools, "poolTerms", id), this.#ask("pools", pools, "forOpen", id)]);
      return {
        id,
        runtime: (terms as Result).getValue("runtime") as Hex32,
        slotStake: state.getValue("slotStake") as bigint,
        priceFloor: state.getValue("priceFloor") as bigint,
        secondsPerUnit: Number(state.getValue("secondsPerUnit")),
        members: Number(state.getValue("members")),
        listed: state.getValue("listed") as boolean,
      };
    } catch (cause) {
      if (isInfernetError(cause, "chain_reverted") && cause.details.reason === "PoolsUnknownPool") throw new InfernetError("pool_not_found", `there is no pool ${id}`, { cause });
      throw cause;
    }
  }

  async token(token: Account): Promise<TokenInfo> {
    const [[terms], [decimals], [symbol]] = await Promise.all([
      this.#ask("parameters", parameters, "tokenTerms", token),
      this.#askAt(token, erc20, "decimals"),
      this.#askAt(token, erc20, "symbol"),
    ]);
    return {
      token,
      allowed: (terms as Result).getValue("allowed") as boolean,
      stakeRate: (terms as Result).getValue("stakeRate") as bigint,
      largeJob: (terms as Result).getValue("largeJob") as bigint,
      decimals: Number(decimals),
      symbol: symbol as string,
    };
  }

  async nodeOfOwner(owner: Account): Promise<NodeInfo | null> {
    const [id] = await this.#ask("staking", staking, "nodeOf", owner);
    return id === 0n ? null : this.node(Number(id));
  }

  async node(id: number): Promise<NodeInfo> {
    const [[node], [stake]] = await Promise.all([this.#ask("staking", staking, "node", id), this.#ask("staking", staking, "stakeOf", id)]);
    const account = (name: string) => (node as Result).getValue(name) as Account;
    const amount = (name: string) => (stake as Result).getValue(name) as bigint;
    return {
      node: id,
      owner: account("owner"),
      operator: account("operator"),
      payout: account("payout"),
      stake: { free: amount("free"), earmarked: amount("earmarked"), frozen: amount("frozen"), unbonding: amount("unbonding"), bonded: amount("bonded") },
    };
  }

  async membership(pool: Hex32, node: number): Promise<MembershipInfo | null> {
    await this.pool(pool);
    const [index, found] = await this.#ask("pools", pools, "memberOf", pool, node);
    if (found !== true) return null;
    const [[word], [record], [standing], epochSeconds] = await Promise.all([
      this.#ask("pools", pools, "member", pool, index), this.#ask("pools", pools, "record", pool, index), this.#ask("pools", pools, "standing", node), this.epochSeconds(),
    ]);
    const of = (name: string) => (word as Result).getValue(name) as unknown;
    const counted = (name: string) => Number((record as Result).getValue(name));
    const jailed = (standing as Result).getValue("jailedUntil") as bigint;
    const changed = Number(of("changedAt"));
    return {
      pool,
      member: Number(index),
      capacity: Number(of("capacity")),
      busy: Number(of("busy")),
      paused: of("paused") as boolean,
      suspended: of("suspended") as boolean,
      next: { capacity: Number(of("nextCapacity")), paused: of("nextPaused") as boolean },
      changesAt: changed === 0 ? null : (changed + 1) * epochSeconds,
      record: { good: counted("good") / RECORD_UNIT, bad: counted("bad") / RECORD_UNIT, streak: counted("streak"), latencyMs: counted("latency"), score: counted("score") },
      jailedUntil: jailed === BANNED ? Infinity : Number(jailed),
    };
  }

  async epochSeconds(): Promise<number> {
    return (this.#epochSeconds ??= Number((await this.#ask("pools", pools, "EPOCH"))[0]));
  }

  /** A withdrawal that is not paid out yet; null when it has been. */
  async ticket(ticket: bigint): Promise<StakeTicket | null> {
    const [found] = (await this.#ask("staking", staking, "ticket", ticket)) as unknown as [Result];
    const amount = found.getValue("amount") as bigint;
    return amount === 0n ? null : { ticket, amount, readyAt: Number(found.getValue("readyAt")) };
  }

  async allowance(token: Account, owner: Account, spender: Account): Promise<bigint> {
    return (await this.#askAt(token, erc20, "allowance", owner, spender))[0] as bigint;
  }

  async hasFault(job: Hex32, batch: number, position: number): Promise<boolean> {
    return (await this.#ask("jobs", jobs, "faultOf", job, batch, position))[0] !== 0n;
  }

  async creditOf(token: Account, account: Account): Promise<bigint> {
    return (await this.#ask("jobs", jobs, "creditOf", token, account))[0] as bigint;
  }

  async earningsOf(token: Account, node: number): Promise<bigint> {
    return (await this.#ask("jobs", jobs, "earningsOf", token, node))[0] as bigint;
  }

  async tokenBalance(token: Account, account: Account): Promise<bigint> {
    return (await this.#askAt(token, erc20, "balanceOf", account))[0] as bigint;
  }

  #ask(contract: "jobs" | "parameters" | "pools" | "staking", abi: Interface, name: string, ...args: unknown[]): Promise<Result> {
    return this.#askAt(this.#deployment[contract], abi, name, ...args);
  }

  async #askAt(to: string, abi: Interface, name: string, ...args: unknown[]): Promise<Result> {
    const data = await this.#reader.call(name, { to, data: abi.encodeFunctionData(name, args) });
    if (data === "0x") throw new InfernetError("unknown_deployment", `${name}: there is no such contract at ${to}`);
    return abi.decodeFunctionResult(name, data);
  }
}
