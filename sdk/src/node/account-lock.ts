import { once } from "node:events";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InfernetError, isInfernetError, sha256, utf8 } from "../core/index.ts";
import { isDevelopmentChain, type Account } from "../chain/index.ts";
import { lockDirectory } from "./lock.ts";

/** Held while a process signs with an account. */
export interface AccountLock extends Disposable {
  /** Lets another process sign. Releasing twice is no error. */
  release(): void;
}

const ANSWER_MS = 1000;

/** Hex digits of a digest that tell endpoints apart: a socket's name holds 107 bytes in all. */
const DIGEST_DIGITS = 16;

/**
 * Names the chain on which an account must sign once only. The id of a public chain names one chain; development chains
 * share theirs, and the keys of a mnemonic that everybody knows, so several of them may run side by side on one machine:
 * their endpoint tells them apart.
 */
export function signingScope(chainId: string | number, rpcUrl: string): string {
  if (!isDevelopmentChain(chainId)) return String(chainId);
  const { host, pathname } = new URL(rpcUrl);
  return `${chainId}-${sha256(utf8(host.replace(/^(localhost|\[::1\])(?=:|$)/, "127.0.0.1") + pathname)).slice(2, 2 + DIGEST_DIGITS)}`;
}

/**
 * Takes an account for this process, on this machine: two processes that sign with one key give out the same nonces,
 * and may commit to the same seat twice, whatever their data directories are. On Linux the lock is a name in the
 * kernel's abstract socket space: one for all users and temporary directories, gone with its process.
 * @param scope - see {@link signingScope}
 * @throws {InfernetError} `key_in_use`, naming the other process
 */
export async function lockAccount(scope: string, account: Account): Promise<AccountLock> {
  const name = `infernet-${scope}-${account.toLowerCase()}`;
  return process.platform === "linux" ? lockName(`\0${name}`, account) : lockFile(name, account);
}

async function lockName(path: string, account: Account): Promise<AccountLock> {
  const server = createServer((socket) => socket.on("error", () => {}).end(String(process.pid)));
  server.unref();
  try {
    server.listen({ path, exclusive: true });
    await once(server, "listening");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw new InfernetError("data_dir_invalid", `cannot lock the account ${account}: ${(cause as Error).message}`, { cause });
    throw inUse(account, await holder(path), cause);
  }
  const release = () => void server.close();
  return { release, [Symbol.dispose]: release };
}

function lockFile(name: string, account: Account): AccountLock {
  try {
    return lockDirectory(join(tmpdir(), `infernet-${process.getuid?.() ?? "user"}`, name));
  } catch (cause) {
    if (!isInfernetError(cause, "data_dir_locked")) throw cause;
    throw inUse(account, "another process", cause);
  }
}

function inUse(account: Account, by: string, cause: unknown): InfernetError {
  return new InfernetError("key_in_use", `${by} on this machine signs with ${account} already`, { cause });
}

/** The process that holds a name: it says so itself. */
async function holder(path: string): Promise<string> {
  try {
    const socket = connect({ path });
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error("no answer")));
    const [pid] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    return `process ${Number(pid)}`;
  } catch {
    return "another process";
  }
}
