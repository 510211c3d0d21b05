/** Ids of chains that everybody can start at home: anvil and Hardhat, geth and Ganache. Nothing there is worth anything. */
const DEVELOPMENT_CHAINS: readonly string[] = ["1337", "31337"];

/** Whether an id is one that development chains share: it then says nothing about which of them is meant. */
export function isDevelopmentChain(id: string | number | bigint): boolean {
  return DEVELOPMENT_CHAINS.includes(String(id));
}
