import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Option, type Command } from "commander";
import { InfernetError, sha256, utf8 } from "@infernet/sdk/core";
import type { ActionReceipt, ChainAction, OperatorPort, UnsignedTransaction } from "@infernet/sdk/chain";
import { isAccount, Journal, loadDevelopmentKey, loadKeystore, lockAccount, lockDirectory, parsePrivateKey, readJsonFile, readPassword, signingScope } from "@infernet/sdk/node";
import { toJson } from "../terminal/output.ts";
import { openReader, ownerDirectory, type NodeHome } from "./session.ts";

/** How the owner, whose key is cold, signs. */
export interface OwnerFlags {
  readonly ownerKeystore?: string;
  readonly ownerPasswordFile?: string;
  readonly ownerKeyFile?: string;
  /** Only prints what has to be signed. */
  readonly unsigned?: string;
}

const KEY_ENV = "INFERNET_OWNER_KEY";
/** Journal entries of commands that have not ended yet. */
const KIND = "owner-action";
const PASSWORD_ENV = "INFERNET_OWNER_PASSWORD";

/** Adds the flags of {@link OwnerFlags}. */
export function addOwnerOptions(command: Command): Command {
  return command
    .addOption(new Option("--owner-keystore <file>", "owner's key as a V3 keystore").env("INFERNET_OWNER_KEYSTORE"))
    .addOption(new Option("--owner-password-file <file>", `its password; default: ${PASSWORD_ENV}`).env("INFERNET_OWNER_PASSWORD_FILE"))
    .addOption(new Option("--owner-key-file <file>", `owner's key in hex (development chains); default: ${KEY_ENV}`).env("INFERNET_OWNER_KEY_FILE"))
    .addOption(new Option("--unsigned <owner>", "owner's address: sign nothing, print the transactions for a wallet elsewhere").conflicts(["ownerKeystore", "ownerKeyFile"]));
}

/** What an action came to: a receipt, or what somebody else signs. */
export type Done = { readonly receipt: ActionReceipt } | { readonly unsigned: readonly UnsignedTransaction[] };

/** The owner of a node, at work. */
export interface OwnerSession extends AsyncDisposable {
  readonly owner: string;
  readonly port: OperatorPort;
  /** Whether transactions are only printed. */
  readonly unsigned: boolean;
  /** Sends an action and waits for it; one that an interrupted command has sent already is not sent again. */
  run(action: ChainAction): Promise<Done>;
}

/**
 * Opens the owner's key, or does without it.
 * @throws {InfernetError} `invalid_argument` (no key named), `keystore_invalid`, `keystore_password`, `key_in_use`, and what reading throws
 */
export async function openOwner(home: NodeHome, flags: OwnerFlags, progress: (line: string) => void): Promise<OwnerSession> {
  const { settings } = home;
  if (flags.unsigned !== undefined) return unsignedSession(home, flags.unsigned);
  const { createEvmPort, parseDeployment } = await import("@infernet/sdk/chain/evm");
  const deployment = parseDeployment(readJsonFile("deployment", settings.deployment));
  const signer = await ownerKey(flags, deployment.chainId);
  await using starting = new AsyncDisposableStack();
  const directory = ownerDirectory(settings);
  starting.use(lockDirectory(directory));
  starting.use(await lockAccount(signingScope(deployment.chainId, settings.rpcUrl[0]!), signer.address));
  const journal = starting.use(new Journal(join(directory, "journal.sqlite")));
  const port = starting.adopt(await createEvmPort({ rpc: settings.rpcUrl, deployment, signer, journal }), (it) => it.close());
  const finished = await finishInterrupted(journal, port, progress);
  const parts = starting.move();
  return {
    owner: signer.address,
    port,
    unsigned: false,
    async run(action) {
      const name = nameOf(action);
      const earlier = finished.get(name);
      finished.delete(name);
      if (earlier !== undefined) return { receipt: earlier };
      progress(`sending: ${action.type}`);
      const key = `${name}:${randomUUID()}`;
      journal.intend(`${KIND}:${key}`, KIND, { key });
      try {
        return { receipt: await port.submit(key, action) };
      } finally {
        journal.complete(`${KIND}:${key}`);
      }
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function unsignedSession(home: NodeHome, owner: string): Promise<OwnerSession> {
  if (!isAccount(owner)) throw new InfernetError("invalid_argument", `--unsigned: ${owner} is not an address`);
  const port = await openReader(home.settings);
  return {
    owner,
    port,
    unsigned: true,
    run: async (action) => ({ unsigned: await port.unsigned(action, owner) }),
    [Symbol.asyncDispose]: () => port.close(),
  };
}

async function ownerKey({ ownerKeystore, ownerPasswordFile, ownerKeyFile }: OwnerFlags, chainId: number) {
  if (ownerKeystore !== undefined) {
    const password = ownerPasswordFile === undefined ? process.env[PASSWORD_ENV] : readPassword(ownerPasswordFile);
    if (password === undefined) throw new InfernetError("invalid_argument", `the password of ${ownerKeystore} is needed: --owner-password-file or ${PASSWORD_ENV}`);
    return loadKeystore(ownerKeystore, password);
  }
  if (ownerKeyFile !== undefined) return loadDevelopmentKey(ownerKeyFile, BigInt(chainId));
  const key = process.env[KEY_ENV];
  if (key !== undefined && key !== "") return parsePrivateKey(key, KEY_ENV);
  throw new InfernetError("invalid_argument", "the owner's key is needed", { hint: `Name it with --owner-keystore, --owner-key-file or ${KEY_ENV}; or print what to sign elsewhere with --unsigned <owner's address>.` });
}

/** Waits for what a command that was killed has sent. @returns receipts by the name of their action */
async function finishInterrupted(journal: Journal, port: OperatorPort, progress: (line: string) => void): Promise<Map<string, ActionReceipt>> {
  const finished = new Map<string, ActionReceipt>();
  const sent = new Set(journal.list("evm-transaction").map(({ payload }) => (payload as { intent: string }).intent));
  for (const { key: entry, payload } of journal.pending(KIND)) {
    const { key } = payload as { key: string };
    if (sent.has(key)) {
      progress(`waiting for what an interrupted command has sent: ${key.split(":")[0]}`);
      // The port looks after it already, so the action that is named here does not matter.
      const receipt = await port.submit(key, { type: "claim-reward" }).catch(() => undefined);
      if (receipt !== undefined) finished.set(key.slice(0, key.lastIndexOf(":")), receipt);
    }
    journal.complete(entry);
  }
  return finished;
}

/** The same for the same action, in every run. */
function nameOf(action: ChainAction): string {
  return `${action.type}:${sha256(utf8(toJson(action)))}`;
}
