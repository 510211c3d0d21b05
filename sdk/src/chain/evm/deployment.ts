import { getAddress } from "ethers";
import { z } from "zod";
import { InfernetError } from "../../core/index.ts";

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "must be a 20-byte address in 0x hex")
  .transform((text) => getAddress(text.toLowerCase()));

/** Schema of deployments/<chainId>.json. Keys beyond these (development tokens, pools) are kept. */
export const deploymentSchema = z.looseObject({
  chainId: z.number().int().positive(),
  /** Height of the first contract: nothing of Infernet is older. */
  block: z.number().int().nonnegative(),
  token: address,
  parameters: address,
  staking: address,
  pools: address,
  randomness: address,
  jobs: address,
  slashing: address,
  timelock: address.optional(),
  governor: address.optional(),
});

/** Where the contracts of one chain are. */
export type Deployment = z.infer<typeof deploymentSchema>;

/**
 * Checks a deployment file.
 * @throws {InfernetError} `config_invalid` naming the field
 */
export function parseDeployment(value: unknown): Deployment {
  const result = deploymentSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new InfernetError("config_invalid", `deployment: ${issue.path.join(".") || "file"}: ${issue.message}`);
}
