import { expect } from "chai";
import { Registry } from "prom-client";
import { useDirectory } from "../../node/testing/directory.ts";
import { createHeliaStore } from "./store.ts";

describe("bytes of content", () => {
  const at = useDirectory();

  it("are counted at both ends, by protocol and direction", async () => {
    const [giving, taking] = [new Registry(), new Registry()];
    await using parts = new AsyncDisposableStack();
    const giver = parts.adopt(await createHeliaStore({ directory: at("giver"), metrics: giving }), (store) => store.stop());
    const taker = parts.adopt(await createHeliaStore({ directory: at("taker"), metrics: taking }), (store) => store.stop());
    const file = new Uint8Array(600_000).map((_, i) => i * i);
    await taker.getFile(await giver.putFile(file), { from: giver.addresses() });
    const bytes = async (registry: Registry, direction: string) =>
      Number(new RegExp(`^libp2p_data_transfer_bytes_total\\{protocol="/ipfs/bitswap/[0-9.]+ ${direction}"\\} (\\d+)$`, "m").exec(await registry.metrics())?.[1]);
    expect(await bytes(giving, "sent")).to.be.within(600_000, 700_000);
    expect(await bytes(taking, "received")).to.be.within(600_000, 700_000);
  });
});
