import type { FileCoverage } from "./lcov.ts";

/** Contracts that hold money or decide where it goes, and why: every line of them is tested. A name that ends in `/` is a folder. */
export const MONEY: Readonly<Record<string, string>> = {
  "contracts/Escrow.sol": "holds every token of clients and what nodes have earned",
  "contracts/Jobs.sol": "is the escrow; says what each seat earns",
  "contracts/jobs/": "runs in the storage of Jobs: deposits, refunds, fees, who is paid for an unhappy shard",
  "contracts/Staking.sol": "holds every INFER: stake, bonds, rewards",
  "contracts/Slashing.sol": "takes stake and shares it out",
  "contracts/Pools.sol": "earmarks, frees and seizes stake",
  "contracts/InfernetToken.sol": "is the stake",
  "contracts/governance/InfernetTimelock.sol": "owns the treasury",
  "contracts/libraries/Lanes.sol": "which members are paid or convicted",
  "contracts/libraries/MemberWord.sol": "the slots behind which stake is earmarked",
  "contracts/libraries/ResultTree.sol": "the proof that convicts",
  "contracts/libraries/Seats.sol": "how many seats each member is paid for",
  "contracts/types/BatchWord.sol": "what was agreed, and since when",
};

/** Parts of the lines that must be reached. */
export const WITH_MONEY = 1;
export const WITHOUT_MONEY = 0.95;

/** One contract held against its threshold. */
export interface Verdict extends FileCoverage {
  readonly money: boolean;
  readonly passes: boolean;
}

const names = (entry: string, file: string) => (entry.endsWith("/") ? file.startsWith(entry) : file === entry);

/**
 * Holds each contract against its threshold, those with money first.
 * @param money - names as in {@link MONEY}
 * @throws Error when a name is of no contract of the report: the list is out of date, or the contract was not counted
 */
export function judge(files: readonly FileCoverage[], money: Readonly<Record<string, string>> = MONEY): Verdict[] {
  const entries = Object.keys(money);
  const unknown = entries.filter((entry) => !files.some(({ file }) => names(entry, file)));
  if (unknown.length > 0) throw new Error(`no such contract in the coverage report: ${unknown.join(", ")}`);
  const verdicts = files.map((covered) => {
    const holds = entries.some((entry) => names(entry, covered.file));
    const least = holds ? WITH_MONEY : WITHOUT_MONEY;
    return { ...covered, money: holds, passes: covered.lines - covered.missed.length >= least * covered.lines };
  });
  return verdicts.sort((a, b) => Number(b.money) - Number(a.money) || (a.file < b.file ? -1 : 1));
}

/** A table for people: a line for each contract, then every missed line as `file:line`. */
export function table(verdicts: readonly Verdict[]): string {
  const width = Math.max(...verdicts.map(({ file }) => file.length));
  const rows = verdicts.map(({ file, lines, missed, money, passes }) => {
    const hit = lines - missed.length;
    // Rounded down: 100.00 is said of nothing that misses a line.
    const percent = (Math.floor((hit / lines) * 10_000) / 100).toFixed(2);
    return `${file.padEnd(width)}  ${`${hit}/${lines}`.padStart(9)}  ${percent.padStart(6)} %  ${money ? "money " : "      "}${passes ? "" : "  too low"}`.trimEnd();
  });
  const missed = verdicts.flatMap((verdict) => verdict.missed.map((line) => `not reached: ${verdict.file}:${line}`));
  return [...rows, ...missed].join("\n");
}
