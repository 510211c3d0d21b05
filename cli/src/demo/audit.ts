import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { DevnetInfo } from "../devnet/directory.ts";
import { script } from "../process/root.ts";

const amount = z.string().regex(/^-?\d+$/).transform(BigInt);
const holdings = z.object({ supply: amount, balances: z.record(z.string(), amount) });
const node = z.number().int();

/** What scripts/devnet/audit.ts prints. */
const auditSchema = z.object({
  money: z.object({ block: z.number(), usdc: holdings, infer: holdings, earned: z.record(z.string(), amount), unclaimed: amount, equations: z.array(z.object({ name: z.string(), left: amount, right: amount })) }),
  job: z
    .object({
      deposit: amount,
      aggregatorFee: amount,
      protocolFee: amount,
      refunded: amount,
      closed: z.boolean(),
      gas: z.record(z.string(), z.object({ calls: z.number(), gas: amount })),
      slashes: z.array(z.object({ slash: amount, node, fault: z.number(), amount, executed: z.boolean(), cancelled: z.boolean() })),
      penalties: z.array(z.object({ node, fault: z.number(), amount })),
      openFaults: z.number(),
    })
    .nullable(),
});

export type Audit = z.infer<typeof auditSchema>;
export type Ledger = NonNullable<Audit["job"]>;

const run = promisify(execFile);

/** Reads balances, and what jobs did, straight from the chain: by another program than the one that is checked. */
export async function audit(devnet: DevnetInfo, jobs: readonly string[], signal: AbortSignal): Promise<Audit> {
  const args = [...script("scripts/devnet/audit.ts"), "--rpc", devnet.rpcUrl, "--deployment", devnet.deployment, ...(jobs.length === 0 ? [] : ["--job", jobs.join(",")])];
  const { stdout } = await run(process.execPath, args, { signal, maxBuffer: 64 << 20 });
  return auditSchema.parse(JSON.parse(stdout));
}
