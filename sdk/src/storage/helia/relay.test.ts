import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { addressesOf, TestHosts, until } from "../../host/testing/hosts.ts";
import { createHeliaStore } from "./store.ts";

describe("a store behind NAT", function () {
  this.timeout(60_000);

  it("serves what it has through a relay that has nothing, to whoever knows its peer id", async () => {
    const directory = await mkdtemp(join(tmpdir(), "infernet-relay-"));
    const hosts = new TestHosts();
    try {
      const relay = await hosts.start("relay", { discovery: { relay: "server" } });
      const discovery = { bootstrap: addressesOf(relay) };
      const hidden = await createHeliaStore({ directory: join(directory, "hidden"), listen: ["/p2p-circuit"], discovery });
      const reader = await createHeliaStore({ directory: join(directory, "reader"), discovery });
      try {
        await until(hidden.libp2p, () => hidden.addresses().length > 0);
        // Far beyond what relays carry by default, so that the chunks need several messages.
        const file = new Uint8Array(randomBytes(3 << 20));
        const digest = await hidden.putFile(file);
        await until(relay, async () => ((await relay.peerStore.get(hidden.libp2p.peerId).catch(() => undefined))?.addresses.length ?? 0) > 0);
        const read = await reader.getFile(digest, { from: [`/p2p/${hidden.peerId}`], timeoutMs: 50_000 });
        expect(Buffer.compare(read, file)).to.equal(0);
        const [connection] = reader.libp2p.getConnections(hidden.libp2p.peerId);
        expect(connection!.direct).to.equal(false);
      } finally {
        await Promise.all([hidden.stop(), reader.stop()]);
      }
    } finally {
      await hosts.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
