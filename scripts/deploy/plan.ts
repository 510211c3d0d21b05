import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { getCreateAddress } from "ethers";
import { z } from "zod";
import { ORDER } from "../../ignition/modules/infernet.ts";

const planSchema = z.strictObject({
  deployer: z.string(),
  chainId: z.number().int(),
  /** The deployer's nonce before the first transaction. */
  nonce: z.number().int().nonnegative(),
  /** Height at which the deployment began. */
  block: z.number().int().nonnegative(),
});

/** Where a deployment began: what every address follows from. */
export type Plan = z.infer<typeof planSchema>;

export type ContractName = (typeof ORDER)[number];

/** The address each contract will have. */
export function predict({ deployer, nonce }: Plan): Record<ContractName, string> {
  const entries = ORDER.map((name, i) => [name, getCreateAddress({ from: deployer, nonce: nonce + i })]);
  return Object.fromEntries(entries) as Record<ContractName, string>;
}

/**
 * Keeps the plan beside Ignition's journal: a deployment that was interrupted goes on with the same addresses.
 * @throws when the kept plan belongs to another deployer or chain
 */
export function keepPlan(file: string, fresh: Plan): Plan {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(fresh, null, 2)}\n`);
    return fresh;
  }
  const kept = planSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  if (kept.deployer !== fresh.deployer || kept.chainId !== fresh.chainId)
    throw new Error(`${file} belongs to a deployment by ${kept.deployer} on chain ${kept.chainId}`);
  return kept;
}
