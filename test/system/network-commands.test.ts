import { join } from "node:path";
import { expect } from "chai";
import type { PeerRow } from "../../cli/src/network/peers.ts";
import type { ProviderRow } from "../../cli/src/network/providers.ts";
import { infernet, inDirectory } from "./command.ts";
import { TestNetwork } from "./network.ts";

const PROVIDERS = 2;

describe("what the network knows", function () {
  this.timeout(300_000);

  it("is shown as the chain has it, beside what nodes say of themselves", () =>
    inDirectory(async (directory) => {
      const network = new TestNetwork(directory, PROVIDERS);
      try {
        await network.open();
        const ask = async <T>(...args: string[]): Promise<T> => {
          const { code, stdout, stderr } = await infernet("--json", "network", ...args, "--devnet", join(directory, "chain"));
          expect(code, stderr).to.equal(0);
          return JSON.parse(stdout) as T;
        };
        const nodes = network.nodes.map(({ node }) => node);
        const { peers } = await ask<{ peers: PeerRow[] }>("peers");
        expect(peers.map(({ node }) => node)).to.have.members(nodes);
        const { providers } = await ask<{ providers: ProviderRow[] }>("providers", "--all");
        expect(providers.map(({ node }) => node)).to.have.members(network.nodes.filter(({ role }) => role === "provider").map(({ node }) => node));
        for (const { pools, peerMatches, announced } of providers) {
          expect(announced, "has announced itself").to.not.equal(null);
          expect({ peerMatches, scores: pools.map(({ score }) => score) }).to.deep.equal({ peerMatches: true, scores: [5000] });
        }
      } finally {
        await network.close();
      }
    }));

  it("cannot be asked where nobody answers", () =>
    inDirectory(async (directory) => {
      const network = new TestNetwork(directory, 1);
      try {
        await network.openChain();
        const { code, stderr } = await infernet("network", "peers", "--devnet", join(directory, "chain"), "--wait", "0.5");
        expect(code).to.equal(3);
        expect(stderr).to.include("no peer to begin with is known");
      } finally {
        await network.close();
      }
    }));
});
