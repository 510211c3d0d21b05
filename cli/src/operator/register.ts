import { equalBytes, InfernetError, profileDocument, type Hex32 } from "@infernet/sdk/core";
import { isAccount } from "@infernet/sdk/node";
import type { Done, OwnerSession } from "./owner.ts";
import { scanNode } from "./scan.ts";
import { operatorAddress, type NodeHome } from "./session.ts";

const NO_KEY: Hex32 = `0x${"00".repeat(32)}`;

/** What `register` has found or done. */
export interface Registration {
  /** Null while somebody else has to sign. */
  readonly node: number | null;
  readonly operator: string;
  readonly done: readonly Done[];
}

/**
 * Registers a node, or brings operator, payout and profile of a registered one up to its settings.
 * @param payout - where earnings go; default: the owner, or what stands
 * @throws {InfernetError} `invalid_argument`, and what the chain refuses
 */
export async function registerFromSettings(home: NodeHome, session: OwnerSession, payout: string | undefined): Promise<Registration> {
  const { owner, port } = session;
  if (payout !== undefined && !isAccount(payout)) throw new InfernetError("invalid_argument", `--payout: ${payout} is not an address`);
  const operator = operatorAddress(home.settings);
  if (operator.toLowerCase() === owner.toLowerCase())
    throw new InfernetError("invalid_argument", "owner and operator are the same account", { hint: "The operator key is hot: whoever steals it must not get the stake. Use another key for the owner." });
  const profile = await (await home.role.load()).describe(home.settings);
  const existing = await port.nodeOfOwner(owner);
  if (existing === null) {
    const done = await session.run({ type: "register", operator, payout: payout ?? owner, profile, encryptionKey: NO_KEY });
    return { node: session.unsigned ? null : (await port.nodeOfOwner(owner))!.node, operator, done: [done] };
  }
  const done: Done[] = [];
  if (existing.operator !== operator) done.push(await session.run({ type: "set-operator", operator }));
  if (payout !== undefined && existing.payout.toLowerCase() !== payout.toLowerCase()) done.push(await session.run({ type: "set-payout", payout }));
  const published = (await scanNode(port, owner, new AbortController().signal))?.node.profile;
  if (!published || !equalBytes(profileDocument.encode(published), profile)) done.push(await session.run({ type: "set-profile", profile }));
  return { node: existing.node, operator, done };
}
