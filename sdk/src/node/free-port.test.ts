import { once } from "node:events";
import { createServer } from "node:net";
import { expect } from "chai";
import { freePort } from "./free-port.ts";

describe("a free port", () => {
  it("can be listened on, is given once, and is none that outgoing connections take", async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(new Set(ports).size).to.equal(ports.length);
    for (const port of ports) {
      expect(port).to.be.within(1024, 32_767);
      const server = createServer().listen(port, "127.0.0.1");
      await once(server, "listening");
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
