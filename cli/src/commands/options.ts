import { InvalidArgumentError, type Command } from "commander";
import { createOutput, type Output } from "../terminal/output.ts";

/** Parser of a whole number within bounds. */
export function integerOption(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`Must be a whole number from ${least} to ${most}.`);
    return value;
  };
}

/** Parser of a positive number of seconds. */
export function secondsOption(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 60)) throw new InvalidArgumentError("Must be a number of seconds above 0, at most 60.");
  return value;
}

/** Parser of an amount of a token with decimals, for instance "1.5", in base units. */
export function amountOption(decimals: number): (text: string) => bigint {
  return (text) => {
    const match = /^(\d{1,30})(?:\.(\d+))?$/.exec(text);
    if (match === null || (match[2]?.length ?? 0) > decimals) throw new InvalidArgumentError(`Must be an amount with at most ${decimals} decimals.`);
    return BigInt(match[1]! + (match[2] ?? "").padEnd(decimals, "0"));
  };
}

/** An amount in base units as people read it. */
export function formatAmount(amount: bigint, decimals: number): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(decimals + 1, "0");
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${digits.slice(0, digits.length - decimals)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Of the coins that pay for gas. */
export const COIN_DECIMALS = 18;
export const INFER_DECIMALS = 18;

/** An amount of INFER as people read it. @param amount - wei of INFER */
export function formatInfer(amount: bigint): string {
  return `${formatAmount(amount, INFER_DECIMALS)} INFER`;
}

/** Where a command writes, by the flags --json and --quiet. */
export function commandOutput(command: Command): Output {
  return createOutput(command.optsWithGlobals<{ json?: boolean; quiet?: boolean }>());
}
