import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HDNodeWallet, Mnemonic, Wallet, type JsonRpcProvider } from "ethers";

/** Known to every development chain: nothing on these accounts is worth anything. */
const MNEMONIC = Mnemonic.fromPhrase("test test test test test test test test test test test junk");

/** Accounts of a development network: anvil gives native coins to the first `10 + 2 · providers` of the mnemonic. */
export interface DevnetAccounts {
  readonly deployer: Wallet;
  readonly client: Wallet;
  /** Node owners (cold) and operators (hot), by the name of the node. */
  readonly nodes: readonly { name: string; owner: Wallet; operator: Wallet }[];
}

const FIRST_AGGREGATOR = 2;
const AGGREGATORS = 2;
const FIRST_PROVIDER = 10;

export function devnetAccounts(providers: number, provider: JsonRpcProvider): DevnetAccounts {
  const wallet = (index: number) => new Wallet(HDNodeWallet.fromMnemonic(MNEMONIC, `m/44'/60'/0'/0/${index}`).privateKey, provider);
  const node = (name: string, first: number) => ({ name, owner: wallet(first), operator: wallet(first + 1) });
  return {
    deployer: wallet(0),
    client: wallet(1),
    nodes: [
      ...Array.from({ length: AGGREGATORS }, (_, i) => node(`aggregator-${i + 1}`, FIRST_AGGREGATOR + 2 * i)),
      ...Array.from({ length: providers }, (_, i) => node(`provider-${i + 1}`, FIRST_PROVIDER + 2 * i)),
    ],
  };
}

/** Writes one private key a file, as the nodes read them. */
export function writeKeys(folder: string, { deployer, client, nodes }: DevnetAccounts): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, wallet: Wallet) => writeFileSync(join(folder, `${name}.key`), `${wallet.privateKey}\n`, { mode: 0o600 });
  write("deployer", deployer);
  write("client", client);
  for (const { name, owner, operator } of nodes) {
    write(`${name}.owner`, owner);
    write(`${name}.operator`, operator);
  }
}
