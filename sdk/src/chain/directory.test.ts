import { expect } from "chai";
import { profileDocument } from "../core/index.ts";
import { Directory } from "./directory.ts";
import { hash, history, type Told } from "./testing/history.ts";
import { profileOf } from "./testing/job-driver.ts";

const POOL = hash("pool");
const registered = (node: number, profile = profileDocument.encode(profileOf(`n${node}`))): Told => ({ type: "node-registered", node, owner: `owner ${node}`, operator: `operator ${node}`, payout: "p", encryptionKey: hash("k"), profile });
const joined = (node: number, member: number): Told => ({ type: "member-joined", pool: POOL, node, member, capacity: 5 });

/** Any node of these tests can be looked up by the id in its profile. */
const PEER = "/p2p/12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust";

describe("the directory", () => {
  it("knows nodes by every name they have", () => {
    const directory = new Directory();
    expect(directory.apply({ events: history(hash("any"), [registered(1), registered(2), joined(2, 0), joined(1, 1)]) })).to.equal(true);
    expect(directory.nodeOf(POOL, 0)).to.equal(2);
    expect(directory.memberOf(POOL, 1)).to.equal(1);
    expect(directory.nodeOf(hash("other"), 0)).to.equal(undefined);
    expect(directory.multiaddrs(2)).to.deep.equal(["/dns4/n2/tcp/4001", PEER]);
    expect(directory.multiaddrs(3)).to.deep.equal([]);
    expect(directory.nodeOfAccount("operator 1")?.node).to.equal(1);
    expect(directory.nodeOfAccount("owner 2")?.node).to.equal(2);
    expect(directory.nodeOfAccount("nobody")).to.equal(undefined);
    expect([...directory.nodes()]).to.have.length(2);
  });

  it("tells a node's host from where its content is", () => {
    const directory = new Directory();
    const [own, other] = [PEER, "/p2p/12D3KooWEChVMMMzV8acJ53mJHrw1pQ27UAGkCxWXLJutbeUMvVu"];
    const profile = { ...profileOf("n1"), multiaddrs: ["/ip4/1.2.3.4/tcp/1", `/ip4/1.2.3.4/tcp/2${other}`, `/ip4/1.2.3.4/tcp/3${own}`] };
    directory.apply({ events: history(hash("any"), [registered(1, profileDocument.encode(profile))]) });
    expect(directory.multiaddrs(1)).to.deep.equal([...profile.multiaddrs, own]);
    expect(directory.hostAddresses(1)).to.deep.equal(["/ip4/1.2.3.4/tcp/1", `/ip4/1.2.3.4/tcp/3${own}`, own]);
    expect(directory.hostAddresses(2)).to.deep.equal([]);
  });

  it("survives profiles that are none", () => {
    const directory = new Directory();
    directory.apply({ events: history(hash("any"), [registered(1, new Uint8Array([0xff]))]) });
    expect(directory.node(1)!.profile).to.equal(null);
    expect(directory.multiaddrs(1)).to.deep.equal([]);
  });

  it("follows changes, and takes them back", () => {
    const directory = new Directory();
    const changes: Told[] = [
      registered(1), joined(1, 0),
      { type: "operator-set", node: 1, operator: "new" }, { type: "profile-set", node: 1, profile: profileDocument.encode(profileOf("moved")) }, { type: "jailed", node: 1, until: 77 },
      { type: "member-synced", pool: POOL, node: 1, member: 0, capacity: 0, paused: true, suspended: true }, { type: "banned", node: 1 },
    ];
    directory.apply({ events: history(hash("any"), changes) });
    expect(directory.node(1)).to.include({ operator: "new", jailedUntil: Infinity });
    expect(directory.multiaddrs(1)).to.deep.equal(["/dns4/moved/tcp/4001", PEER]);
    expect(directory.member(POOL, 0)).to.deep.equal({ node: 1, member: 0, capacity: 0, paused: true, suspended: true });
    expect(directory.apply({ rollback: { to: 5 }, events: [] })).to.equal(true);
    expect(directory.node(1)!.jailedUntil).to.equal(77);
    expect(directory.members(POOL)).to.deep.equal([{ node: 1, member: 0, capacity: 5, paused: false, suspended: false }]);
    directory.apply({ rollback: { to: 2 }, events: [] });
    expect(directory.node(1)).to.include({ operator: "operator 1", jailedUntil: 0 });
    expect(directory.apply({ rollback: { to: 2 }, events: [] })).to.equal(false);
    directory.apply({ rollback: { to: 0 }, events: [] });
    expect(directory.node(1)).to.equal(undefined);
  });
});
