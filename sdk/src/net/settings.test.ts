import { expect } from "chai";
import { z } from "zod";
import { networkSettings, publishedAddresses } from "./settings.ts";

const PEER = "/ip4/203.0.113.7/tcp/4001/p2p/12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust";

describe("settings of the network", () => {
  const schema = z.strictObject(networkSettings);

  it("need nothing said", () => {
    expect(schema.parse({})).to.deep.equal({ listen: ["/ip4/127.0.0.1/tcp/0"], announce: [], bootstrap: [], relay: "auto" });
  });

  it("refuse what nobody could dial", () => {
    expect(schema.parse({ bootstrap: [PEER], listen: ["/p2p-circuit"], relay: "server" })).to.include({ relay: "server" });
    const refused = [{ bootstrap: ["/ip4/203.0.113.7/tcp/4001"] }, { bootstrap: ["node.example:4001"] }, { bootstrap: [PEER.repeat(4)] }, { listen: [] }, { announce: ["4001"] }, { relay: "yes" }, { bootsrap: [PEER] }];
    for (const settings of refused) expect(schema.safeParse(settings).success, JSON.stringify(settings)).to.equal(false);
  });

  it("publish addresses only where they are meant to stay, or nothing else leads to the node", () => {
    const present = ["/ip4/192.0.2.1/tcp/4001"];
    expect(publishedAddresses({ announce: [], bootstrap: [] }, present)).to.deep.equal(present);
    expect(publishedAddresses({ announce: present, bootstrap: [PEER] }, present)).to.deep.equal(present);
    expect(publishedAddresses({ announce: [], bootstrap: [PEER] }, present)).to.deep.equal([]);
  });
});
