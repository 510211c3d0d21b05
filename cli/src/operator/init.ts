import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { InfernetError } from "@infernet/sdk/core";
import { createKeystore, createPasswordFile, loadConfig, parsePrivateKey, readPassword, requireStrongPassword } from "@infernet/sdk/node";
import { CONFIG_NAME, type NodeRole } from "./role.ts";
import { settingsFile } from "./settings-file.ts";

/** What `init` is told. */
export interface InitOptions {
  readonly directory: string;
  readonly rpcUrl: readonly string[];
  readonly deploymentFile: string;
  readonly p2pPort: number;
  readonly metricsPort: number;
  readonly announce: readonly string[];
  /** An existing file; default: a new one with a random password. */
  readonly passwordFile?: string | undefined;
  /** Asked from a person: then it is in no file, and the daemon gets it from its environment. */
  readonly password?: string | undefined;
  /** File with an operator key in hex to take instead of making one. */
  readonly importKey?: string | undefined;
  /** Settings of this kind of node. */
  readonly own: Readonly<Record<string, unknown>>;
}

/** What `init` has made. */
export interface Initialised {
  readonly config: string;
  readonly keystore: string;
  readonly passwordFile: string | null;
  readonly operator: string;
}

/** Settings that only demonstrations need, or that a file with comments makes plain without them. */
const LEFT_OUT = new Set(["keyFile", "ownerKeyFile", "stake", "capacity", "misbehave", "misbehaveSeed"]);

/**
 * Makes a node's directory: an operator key in a V3 keystore, its password, the deployment, and settings with comments.
 * Nothing that exists is overwritten: a lost key is a lost node.
 * @throws {InfernetError} `config_invalid` (exists already, wrong settings), `keystore_invalid`, `keystore_password`
 */
export async function initNode(role: NodeRole, options: InitOptions): Promise<Initialised> {
  const directory = resolve(options.directory);
  const at = (name: string) => join(directory, name);
  const config = at(CONFIG_NAME);
  if (existsSync(config)) throw new InfernetError("config_invalid", `${config} exists already`, { hint: "Choose another --dir, or edit that file." });
  const imported = options.importKey === undefined ? undefined : parsePrivateKey(readKey(options.importKey), options.importKey).privateKey;
  const schema = await role.schema();
  const passwordFile = options.password !== undefined ? null : options.passwordFile === undefined ? at("operator.password") : resolve(options.passwordFile);
  const given = {
    rpcUrl: options.rpcUrl,
    deployment: at("deployment.json"),
    keystore: at("operator.json"),
    ...(passwordFile !== null && { passwordFile }),
    dataDir: at("data"),
    listen: [`/ip4/0.0.0.0/tcp/${options.p2pPort}`],
    ...(options.announce.length > 0 && { announce: options.announce }),
    metricsPort: options.metricsPort,
    ...options.own,
  };
  loadConfig(schema, { flags: given }); // wrong settings are refused before anything is written

  mkdirSync(at("data"), { recursive: true, mode: 0o700 });
  if (typeof options.own["modelsDir"] === "string") mkdirSync(options.own["modelsDir"], { recursive: true });
  const password = options.password ?? (options.passwordFile === undefined ? createPasswordFile(passwordFile!) : readPassword(passwordFile!));
  const { address } = await createKeystore(given.keystore, requireStrongPassword(password), imported === undefined ? {} : { privateKey: imported });
  copyFileSync(options.deploymentFile, given.deployment);
  writeFileSync(config, settingsFile(`Infernet ${role.name}`, schema, role.hints, given, LEFT_OUT), { flag: "wx", mode: 0o600 });
  return { config, keystore: given.keystore, passwordFile, operator: address };
}

function readKey(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new InfernetError("keystore_invalid", `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}
