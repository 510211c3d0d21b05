import { equalBytes, InfernetError, profileDocument, sha256, type Hex32 } from "../core/index.ts";
import type { Account, ChainPort, NodeEntry, NodeInfo } from "../chain/index.ts";
import type { Logger } from "./log.ts";
import { revertName } from "./reverts.ts";

/** What an owner wants its node to be. */
export interface NodeRegistration {
  /** A port that signs with the owner's key. */
  readonly port: ChainPort;
  /** The account that the node's process signs with. */
  readonly operator: Account;
  /** Where earnings go; default: the owner. */
  readonly payout?: Account;
  /** DAG-CBOR profile, see `profileDocument`. */
  readonly profile: Uint8Array;
  /** Wei of INFER that should stand behind the node: free, earmarked or bonded. */
  readonly stake: bigint;
  /** Pool to join with so many slots; none for a node that only aggregates. */
  readonly membership?: { readonly pool: Hex32; readonly capacity: number };
}

const NO_KEY: Hex32 = `0x${"00".repeat(32)}`;

/**
 * Registers a node, stakes what is missing and joins its pool. Idempotent: whatever has been done,
 * by this or an interrupted call, is not done again.
 * @returns the node's id
 * @throws {InfernetError} what the chain refuses, for instance `chain_reverted` for lack of INFER
 */
export async function registerNode(registration: NodeRegistration): Promise<number> {
  const { port, operator, profile, stake, membership } = registration;
  const owner = requireAccount(port);
  let node = await port.nodeOfOwner(owner);
  if (node === null) {
    await port.submit(`register:${owner}`, { type: "register", operator, payout: registration.payout ?? owner, profile, encryptionKey: NO_KEY });
    node = await port.nodeOfOwner(owner);
    if (node === null) throw new InfernetError("internal", `${owner} has registered a node that the chain does not know`);
  }
  const held = node.stake.free + node.stake.earmarked + node.stake.bonded; // what answers for open work is still there
  if (held < stake) {
    await port.submit(`stake:${node.node}:${total(node)}:${stake}`, { type: "stake", node: node.node, amount: stake - held });
  }
  if (membership !== undefined) await joinPool(port, membership, node.node);
  return node.node;
}

/**
 * Sees to it that the chain has a node's present profile: addresses that nobody can find any more make
 * it useless. The owner's key repairs that; without it the log says so. Never throws.
 * @param ownerPort - signs with the owner's key
 */
export async function keepProfile(ownerPort: ChainPort | null, node: NodeEntry | null, profile: Uint8Array, log: Logger): Promise<void> {
  if (node === null) return log.warn("no node has this account as its operator yet");
  if (node.profile !== null && equalBytes(profileDocument.encode(node.profile), profile)) return;
  if (ownerPort === null) return log.warn({ node: node.node }, "the published profile is not up to date; its owner must set it");
  try {
    // The height is in the key because going back to an older profile is another deed.
    const { height } = await ownerPort.head();
    await ownerPort.submit(`set-profile:${node.node}:${sha256(profile)}:${height}`, { type: "set-profile", profile });
    log.info({ node: node.node }, "published the profile");
  } catch (err) {
    log.error({ node: node.node, err }, "cannot publish the profile");
  }
}

async function joinPool(port: ChainPort, { pool, capacity }: NonNullable<NodeRegistration["membership"]>, node: number): Promise<void> {
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
