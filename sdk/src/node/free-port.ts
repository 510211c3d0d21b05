import { once } from "node:events";
import { createServer } from "node:net";
import { InfernetError } from "../core/index.ts";

/** Below the ports that kernels give to outgoing connections (Linux: from 32768), which come and go between the choice of a port and its use. */
const FIRST = 20_000;
const LAST = 32_000;
const ATTEMPTS = 64;

/** What this process was given before. */
const given = new Set<number>();

/**
 * A TCP port of loopback that nobody listens on just now, for something that is started with a port's number.
 * @throws {InfernetError} `internal` when none is found
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new InfernetError("internal", `no free port was found between ${FIRST} and ${LAST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: "127.0.0.1", exclusive: true });
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
}
