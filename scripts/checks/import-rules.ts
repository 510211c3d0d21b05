import { isOwn, isTest, packageOf, type Import } from "./imports.ts";

/** A rule of docs/ARCHITECTURE.md, "Who may import whom". */
export interface Rule {
  readonly name: string;
  /** Whether this import breaks the rule. */
  readonly broken: (imported: Import) => boolean;
}

const CORE_LIBRARIES = new Set(["@noble/hashes", "@ipld/dag-cbor", "multiformats", "zod"]);
const NETWORK_LIBRARY = /^(?:helia$|@helia\/|libp2p$|@libp2p\/|@multiformats\/|@chainsafe\/libp2p|kubo-rpc-client$|blockstore-|datastore-|interface-(?:block|data)store)/;
const CHAIN_LIBRARY = /^(?:ethers$|viem$|@solana\/|@coral-xyz\/|@anchor-lang\/|@nomicfoundation\/|hardhat$)/;

const within = (path: string, folders: readonly string[]) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

/** What each part of the SDK may import of the others; a part may always import itself. */
const SDK_PARTS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  generated: [],
  chain: ["core", "generated"],
  host: ["core"],
  storage: ["core", "host"],
  net: ["core", "chain", "host", "storage"],
  node: ["core", "chain"],
  client: ["core", "chain", "storage", "net"],
};

const sdkPart = (path: string) => /^sdk\/src\/([a-z-]+)(?:\/|$)/.exec(path)?.[1];

/** Who puts the pieces together: the entry point of a daemon, the command line, whole-system code. */
const composes = (file: string) => within(file, ["cli", "scripts", "bench", "test", "dashboard"]) || /^(?:provider|aggregator)-node\/src\/(?:main|compose)[a-z-]*\.ts$/.test(file);

export const RULES: readonly Rule[] = [
  {
    name: "sdk/core imports no chain, network or file-system library, only hashes, encodings and schemas",
    broken: (imported) => {
      if (sdkPart(imported.file) !== "core" || isTest(imported.file)) return false;
      return isOwn(imported.target) ? sdkPart(imported.target) !== "core" : !CORE_LIBRARIES.has(packageOf(imported) ?? imported.target);
    },
  },
  {
    name: "the parts of the SDK import each other in one direction",
    broken: ({ file, target }) => {
      const [from, to] = [sdkPart(file), sdkPart(target)];
      return !isTest(file) && from !== undefined && to !== undefined && from !== to && from in SDK_PARTS && !SDK_PARTS[from]!.includes(to);
    },
  },
  {
    name: "the SDK imports nothing of the repository outside itself",
    broken: ({ file, target }) => within(file, ["sdk"]) && isOwn(target) && !within(target, ["sdk"]),
  },
  {
    name: "the two nodes never import each other",
    broken: ({ file, target }) =>
      (within(file, ["provider-node"]) && within(target, ["aggregator-node"])) || (within(file, ["aggregator-node"]) && within(target, ["provider-node"])),
  },
  {
    name: "the nodes reach a chain only through ChainPort, content only through ContentStore; adapters are chosen in main.ts",
    broken: ({ file, target }) =>
      within(file, ["provider-node", "aggregator-node"]) && !composes(file) && !isTest(file) &&
      (/^sdk\/src\/chain\/(?!index\.ts$)[a-z]+(?:\/|$)/.test(target) || /^sdk\/src\/storage\/(?!index\.ts$)[a-z]+(?:\/|$)/.test(target) || within(target, ["sdk/src/generated"])),
  },
  {
    name: "only the chain adapters and the keystore import chain libraries",
    broken: (imported) =>
      CHAIN_LIBRARY.test(packageOf(imported) ?? "") && !isTest(imported.file) &&
      !within(imported.file, ["sdk/src/chain/evm", "sdk/src/chain/solana", "sdk/src/generated", "sdk/src/node/keystore.ts", "scripts", "bench", "test", "contracts", "ignition", "hardhat.config.ts"]),
  },
  {
    name: "only sdk/host, sdk/storage and sdk/net import network and block store libraries",
    broken: (imported) => NETWORK_LIBRARY.test(packageOf(imported) ?? "") && !isTest(imported.file) && !within(imported.file, ["sdk/src/host", "sdk/src/storage", "sdk/src/net", "bench"]),
  },
  {
    name: "nothing imports scripts, bench or test",
    broken: ({ file, target }) => within(target, ["scripts", "bench", "test"]) && !within(file, ["scripts", "bench", "test"]),
  },
  {
    name: "the subgraph imports nothing of the repository",
    broken: ({ file, target }) => within(file, ["subgraph"]) && isOwn(target) && !within(target, ["subgraph"]),
  },
  {
    name: "nothing but tests imports what exists for tests",
    broken: ({ file, target }) => isOwn(target) && isTest(target) && !isTest(file) && !within(file, ["scripts", "bench"]),
  },
];
