import { readFileSync, statSync } from "node:fs";
import { InfernetError } from "../core/index.ts";

const MAX_BYTES = 64 << 10;
/** Where containers get their secrets: in memory, and readable by everybody inside. */
const SECRETS = "/run/secrets/";

/**
 * Text of a file that holds a secret.
 * @throws {InfernetError} `keystore_invalid` when others than its owner could read or change it, or it cannot be read
 */
export function readPrivateFile(what: string, path: string): string {
  let mode: number;
  let text: string;
  try {
    const stat = statSync(path);
    mode = stat.mode;
    if (stat.size > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES} bytes`);
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new InfernetError("keystore_invalid", `cannot read ${what} ${path}: ${(cause as Error).message}`, { cause });
  }
  const open = process.platform === "win32" ? 0 : mode & (path.startsWith(SECRETS) ? 0o022 : 0o077);
  if (open !== 0)
    throw new InfernetError("keystore_invalid", `${what} ${path} is open to others (mode ${(mode & 0o777).toString(8)})`, { hint: `Close it: chmod 600 ${path}` });
  return text;
}
