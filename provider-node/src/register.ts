import { InfernetError, sha256, type Hex32 } from "@infernet/sdk/core";
import type { Account, ChainPort, NodeInfo } from "@infernet/sdk/chain";
import { revertName } from "@infernet/sdk/node";

/** What an owner wants its node to be. */
export interface Registration {
  /** A port that signs with the owner's key. */
  readonly port: ChainPort;
  /** The account that the provider process signs with. */
  readonly operator: Account;
  /** Where earnings go; default: the owner. */
  readonly payout?: Account;
  /** DAG-CBOR profile, see `profileDocument`. */
  readonly profile: Uint8Array;
  /** Wei of INFER that should stand free or earmarked behind the node. */
  readonly stake: bigint;
  readonly pool: Hex32;
  /** Slots in the pool. */
  readonly capacity: number;
}

const NO_KEY: Hex32 = `0x${"00".repeat(32)}`;

/**
 * Registers a provider's node, stakes what is missing and joins the pool. Idempotent: whatever has
 * been done, by this or an interrupted call, is not done again.
 * @returns the node's id
 * @throws {InfernetError} what the chain refuses, for instance `chain_reverted` for lack of INFER
 */
export async function registerProvider(registration: Registration): Promise<number> {
  const { port, operator, profile, stake, pool, capacity } = registration;
  const owner = requireAccount(port);
  let node = await port.nodeOfOwner(owner);
  if (node === null) {
    await port.submit(`register:${owner}`, { type: "register", operator, payout: registration.payout ?? owner, profile, encryptionKey: NO_KEY });
    node = await port.nodeOfOwner(owner);
    if (node === null) throw new InfernetError("internal", `${owner} has registered a node that the chain does not know`);
  }
  const held = node.stake.free + node.stake.earmarked;
  if (held < stake) {
    await port.submit(`stake:${node.node}:${total(node)}:${stake}`, { type: "stake", node: node.node, amount: stake - held });
  }
  await joinPool(port, pool, capacity, node.node);
  return node.node;
}

/** Publishes another profile, for instance new addresses. @param port - signs with the owner's key */
export async function updateProfile(port: ChainPort, node: number, profile: Uint8Array): Promise<void> {
  // The height is in the key because going back to an older profile is another deed.
  const { height } = await port.head();
  await port.submit(`set-profile:${node}:${sha256(profile)}:${height}`, { type: "set-profile", profile });
}

async function joinPool(port: ChainPort, pool: Hex32, capacity: number, node: number): Promise<void> {
  const action = { type: "join-pool", pool, capacity } as const;
  try {
    await port.simulate(action);
  } catch (error) {
    if (revertName(error) === "PoolsAlreadyMember") return;
    throw error;
  }
  await port.submit(`join-pool:${pool}:${node}`, action);
}

/** Distinguishes one shortage of stake from the next. */
function total({ stake }: NodeInfo): bigint {
  return stake.free + stake.earmarked + stake.frozen + stake.unbonding + stake.bonded;
}

function requireAccount(port: ChainPort): Account {
  if (port.account === null) throw new InfernetError("invalid_argument", "registering needs the owner's key");
  return port.account;
}
