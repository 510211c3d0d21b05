import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { InfernetError } from "../core/index.ts";
import { readPrivateFile } from "./private-file.ts";

/** A keystore can be attacked off line for ever; scrypt slows that down, it does not save a short password. */
export const LEAST_PASSWORD = 10;

/** Password of the operator's keystore where no file is named. */
export const PASSWORD_ENV = "INFERNET_PASSWORD";

/** A password from a file: its first line. @throws {InfernetError} `keystore_invalid` when others can read it */
export function readPassword(path: string): string {
  return readPrivateFile("the password file", path).split(/\r?\n/, 1)[0]!;
}

/** @throws {InfernetError} `keystore_password` for a password that is too short to protect a new keystore */
export function requireStrongPassword(password: string): string {
  if (password.length >= LEAST_PASSWORD) return password;
  throw new InfernetError("keystore_password", `the password has ${password.length} characters, at least ${LEAST_PASSWORD} are needed`, { hint: "Choose a longer one, or let `init` make one." });
}

/** Makes a password of 192 bits and writes it to a file of its owner only. @throws {InfernetError} `keystore_invalid` when the file exists */
export function createPasswordFile(path: string): string {
  const password = randomBytes(24).toString("base64url");
  try {
    writeFileSync(path, `${password}\n`, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    throw new InfernetError("keystore_invalid", `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  return password;
}
