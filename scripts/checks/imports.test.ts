import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { RULES } from "./import-rules.ts";
import { importsOf, isTest, packageOf, readImports, sourceFiles } from "./imports.ts";

const root = join(import.meta.dirname, "../..");
const imports = readImports(root, sourceFiles(root));

/** One import for each rule that must be noticed. */
const VIOLATIONS: Readonly<Record<string, readonly [file: string, statement: string][]>> = {
  "sdk/core": [["sdk/src/core/a.ts", 'import { readFileSync } from "node:fs";'], ["sdk/src/core/a.ts", 'import { Wallet } from "ethers";'], ["sdk/src/core/a.ts", 'import "../node/log.ts";']],
  "the parts": [["sdk/src/storage/a.ts", 'export * from "../chain/index.ts";'], ["sdk/src/node/a.ts", 'import type { X } from "../client/index.ts";']],
  "the SDK": [["sdk/src/client/a.ts", 'const m = await import("@infernet/provider-node");']],
  "the two nodes": [["provider-node/src/a.ts", 'import "@infernet/aggregator-node";'], ["aggregator-node/src/a.test.ts", 'import x from "../../provider-node/src/machine.ts";']],
  "the nodes reach": [["provider-node/src/machine.ts", 'import { evm } from "@infernet/sdk/chain/evm";'], ["aggregator-node/src/a.ts", 'import {\n  createHeliaStore,\n} from "@infernet/sdk/storage/helia";']],
  "only the chain adapters": [["provider-node/src/a.ts", 'import { ethers } from "ethers";'], ["sdk/src/client/a.ts", 'require("ethers");']],
  "only sdk/host": [["aggregator-node/src/a.ts", 'import { tcp } from "@libp2p/tcp";'], ["sdk/src/client/a.ts", 'import { createHelia } from "helia";']],
  "nothing imports": [["cli/src/a.ts", 'import "../../scripts/deploy/run.ts";']],
  "the subgraph": [["subgraph/src/a.ts", 'import { x } from "@infernet/sdk/core";']],
  "nothing but tests": [["sdk/src/storage/index.ts", 'export * from "./compliance.ts";']],
};

const ALLOWED: readonly [file: string, statement: string][] = [
  ["sdk/src/core/a.ts", 'import { z } from "zod";'],
  ["sdk/src/core/a.test.ts", 'import { readFileSync } from "node:fs";'],
  ["provider-node/src/main.ts", 'import { createHeliaStore } from "@infernet/sdk/storage/helia";'],
  ["provider-node/src/machine.ts", 'import type { ChainPort } from "@infernet/sdk/chain";'],
  ["sdk/src/node/keystore.ts", 'import { Wallet } from "ethers";'],
  ["sdk/src/client/a.ts", '/* import "ethers"; */ const text = "import nothing";'],
];

describe("who may import whom", () => {
  for (const { name, broken } of RULES)
    it(name, () => {
      expect(imports.filter(broken).map(({ file, target }) => `${file} imports ${target}`)).to.deep.equal([]);
    });

  it("every package that is imported is declared where it is used", () => {
    const declared = (folder: string): object => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Record<string, object>;
      return { ...dependencies, ...devDependencies };
    };
    const workspaces = ["sdk", "provider-node", "aggregator-node", "cli"];
    const missing = imports.filter((imported) => {
      const name = packageOf(imported);
      if (name === undefined) return false;
      const home = workspaces.find((workspace) => imported.file.startsWith(`${workspace}/`));
      // Types have packages of their own; tests are run from the root and use its tools.
      if (home === undefined) return !(name in declared("."));
      return !(name in declared(home)) && !(isTest(imported.file) && name in declared("."));
    });
    expect([...new Set(missing.map((imported) => `${imported.file} imports ${packageOf(imported)}`))]).to.deep.equal([]);
  });
});

describe("the import rules", () => {
  for (const [prefix, violations] of Object.entries(VIOLATIONS))
    it(`notice what breaks “${prefix} …”`, () => {
      const rule = RULES.find(({ name }) => name.startsWith(prefix))!;
      for (const [file, statement] of violations) expect(importsOf(file, statement).filter(rule.broken), statement).to.have.length(1);
    });

  it("are each tried", () => expect(RULES).to.have.length(Object.keys(VIOLATIONS).length));

  it("let through what is allowed", () => {
    for (const [file, statement] of ALLOWED) expect(importsOf(file, statement).filter((imported) => RULES.some(({ broken }) => broken(imported))), statement).to.deep.equal([]);
  });
});
