import { scrypt as nativeScrypt } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { encryptKeystoreJson, getAddress, getBytes, hexlify, isAddress, scrypt, Wallet } from "ethers";
import { InfernetError } from "../core/index.ts";
import { isDevelopmentChain } from "../chain/index.ts";
import { readPrivateFile } from "./private-file.ts";

const MAX_FILE_BYTES = 64 << 10;

// The scrypt of ethers is JavaScript: it takes a second or two and holds up everything else meanwhile.
const derive: (password: Uint8Array, salt: Uint8Array, length: number, options: object) => Promise<Buffer> = promisify(nativeScrypt);
scrypt.register(async (password, salt, N, r, p, length) => hexlify(await derive(getBytes(password), getBytes(salt), length, { N, r, p, maxmem: 256 * N * r + (1 << 20) })));

/**
 * Makes a key and writes it as a V3 keystore, readable by its owner only. An existing file is never
 * overwritten: a lost key is lost stake.
 * @param scryptN - work factor; only tests have a reason to change it
 * @throws {InfernetError} `keystore_invalid` when the file exists or cannot be written
 */
export async function createKeystore(path: string, password: string, { privateKey, scryptN }: { privateKey?: string; scryptN?: number } = {}): Promise<Wallet> {
  const wallet = privateKey === undefined ? new Wallet(Wallet.createRandom().privateKey) : toWallet(privateKey, path);
  const json = await encryptKeystoreJson(wallet, password, scryptN === undefined ? {} : { scrypt: { N: scryptN } });
  try {
    writeFileSync(path, `${json}\n`, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    throw new InfernetError("keystore_invalid", `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  return wallet;
}

/**
 * Opens a V3 keystore.
 * @throws {InfernetError} `keystore_invalid`, `keystore_password`
 */
export async function loadKeystore(path: string, password: string): Promise<Wallet> {
  const text = readPrivateFile("the keystore", path);
  try {
    return new Wallet((await Wallet.fromEncryptedJson(text, password)).privateKey);
  } catch (cause) {
    const wrong = /incorrect password/i.test((cause as Error).message);
    throw new InfernetError(wrong ? "keystore_password" : "keystore_invalid", `cannot open ${path}: ${wrong ? "wrong password" : "not a V3 keystore"}`, { cause });
  }
}

/** Work factor of scrypt that a new keystore gets; half of it still counts as strong. */
const SCRYPT_N = 131_072;

/** What protects a keystore, without opening it. @throws {InfernetError} `keystore_invalid` */
export function inspectKeystore(path: string): { readonly address: string; readonly kdf: string; readonly strong: boolean } {
  try {
    const { address, crypto, Crypto } = JSON.parse(readPrivateFile("the keystore", path)) as { address: string; crypto?: KeystoreCrypto; Crypto?: KeystoreCrypto };
    const { kdf, kdfparams } = (crypto ?? Crypto)!;
    return { address: getAddress(address.startsWith("0x") ? address : `0x${address}`), kdf, strong: kdf === "scrypt" ? kdfparams.n! >= SCRYPT_N / 2 : kdfparams.c! >= 2 * SCRYPT_N };
  } catch (cause) {
    if (cause instanceof InfernetError) throw cause;
    throw new InfernetError("keystore_invalid", `${path} is not a V3 keystore`, { cause });
  }
}

interface KeystoreCrypto {
  readonly kdf: string;
  readonly kdfparams: { readonly n?: number; readonly c?: number };
}

/** Private key in hex from a file or stdin, to be put into a keystore. @throws {InfernetError} `keystore_invalid` */
export function parsePrivateKey(text: string, from: string): Wallet {
  return toWallet(text.trim(), from);
}

/** Whether an account is written as the chain writes it. */
export function isAccount(text: string): boolean {
  return isAddress(text);
}

/**
 * Reads a private key in hex from a plain file, for development chains only.
 * @throws {InfernetError} `keystore_invalid`
 */
export function loadDevelopmentKey(path: string, chainId: bigint): Wallet {
  if (!isDevelopmentChain(chainId))
    throw new InfernetError("keystore_invalid", `${path}: a plain key file is only for development chains, not for chain ${chainId}; use a keystore`);
  return toWallet(readKeyFile(path).trim(), path);
}

function toWallet(privateKey: string, path: string): Wallet {
  // The cause is left out: its message would carry the key.
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(privateKey)) throw new InfernetError("keystore_invalid", `${path}: not a private key of 32 bytes in hex`);
  try {
    return new Wallet(privateKey);
  } catch {
    throw new InfernetError("keystore_invalid", `${path}: not a valid private key`);
  }
}

function readKeyFile(path: string): string {
  try {
    const text = readFileSync(path, "utf8");
    if (text.length > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES} bytes`);
    return text;
  } catch (cause) {
    throw new InfernetError("keystore_invalid", `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
