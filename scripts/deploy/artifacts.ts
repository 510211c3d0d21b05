import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Artifact, ArtifactResolver, BuildInfo } from "@nomicfoundation/ignition-core";

interface Fragment {
  readonly type: string;
  readonly inputs?: readonly Fragment[];
  readonly components?: readonly Fragment[];
}

const ABI_TYPE = /^(u?int\d+|bytes\d*|address|bool|string|tuple|function)(\[\d*\])*$/;

function isReadable({ inputs = [], components = [] }: Fragment): boolean {
  return [...inputs, ...components].every((part) => ABI_TYPE.test(part.type) && isReadable(part));
}

/** Reads Hardhat's build output, so that a deployment needs no compiler and no Hardhat. */
export class BuildArtifacts implements ArtifactResolver {
  readonly #folder: string;
  readonly #files = new Map<string, string>();

  /** @param folder the `artifacts` folder. @throws when nothing was built */
  constructor(folder: string) {
    this.#folder = folder;
    const contracts = join(folder, "contracts");
    for (const entry of readdirSync(contracts, { recursive: true, encoding: "utf8" })) {
      if (entry.endsWith(".json")) this.#files.set(basename(entry, ".json"), join(contracts, entry));
    }
  }

  /** @throws when the contract was not built */
  read(contractName: string): Artifact {
    const file = this.#files.get(contractName);
    if (file === undefined) throw new Error(`no artifact of ${contractName}: build the contracts first`);
    return JSON.parse(readFileSync(file, "utf8")) as Artifact;
  }

  /** For Ignition. Functions of linked libraries take storage types that ethers cannot read, and nobody calls them. */
  async loadArtifact(contractName: string): Promise<Artifact> {
    const artifact = this.read(contractName);
    return { ...artifact, abi: artifact.abi.filter((fragment) => isReadable(fragment as Fragment)) };
  }

  async getBuildInfo(contractName: string): Promise<BuildInfo | undefined> {
    const { buildInfoId } = this.read(contractName);
    if (buildInfoId === undefined) return undefined;
    return JSON.parse(readFileSync(join(this.#folder, "build-info", `${buildInfoId}.json`), "utf8")) as BuildInfo;
  }
}
