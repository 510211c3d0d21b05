import { once } from "node:events";
import { statfsSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { fromUtf8, isInfernetError, utf8 } from "@infernet/sdk/core";
import type { ContainerExecutor } from "../../provider-node/src/executor/index.ts";
import { containerTask, hostileImage, NATIVE_LIMITS, type NativeBehaviour } from "../../provider-node/src/executor/testing/programs.ts";
import { NodeFolders } from "./nodes.ts";

describe("a hostile program in a container", function () {
  this.timeout(60_000);
  const folders = new NodeFolders();
  let executor: ContainerExecutor;
  // The executor opens only where every limit is in effect; nothing here runs otherwise.
  before(async () => void (executor = await folders.open({ maxContainers: 1 })));
  after(async () => {
    await executor?.close();
    folders.remove();
  });

  const run = async (behaviour: NativeBehaviour, seconds = 20) => executor.execute(containerTask(await hostileImage(behaviour), 1, { seconds }));
  const answer = async <T>(behaviour: NativeBehaviour): Promise<T> => JSON.parse(fromUtf8((await run(behaviour)).output)) as T;
  const code = (running: Promise<unknown>) => running.then(() => "none", (error: unknown) => (isInfernetError(error) ? error.code : String(error)));
  afterEach("the node is healthy", async () => {
    expect(executor.pids).to.deep.equal([]);
    expect((await executor.execute(containerTask(await hostileImage("honest" as NativeBehaviour), 1))).status).to.equal("ok");
  });

  it("makes no more processes than it may, and leaves none", async () => {
    expect(await answer<{ children: number }>("children")).to.deep.equal({ children: NATIVE_LIMITS.processes - 1 });
  });

  it("is ended with all its children when it is a fork bomb", async () => {
    expect(await code(run("fork", 2))).to.equal("execution_timeout");
  });

  it("writes to nothing but its scratch space, and no more than fits", async () => {
    const before = statfsSync("/").bavail;
    // /tmp and /dev/shm.
    expect(await answer<{ kib: number }>("disk")).to.deep.equal({ kib: (2 * NATIVE_LIMITS.scratchBytes) / 1024 });
    const { bavail, bsize } = statfsSync("/");
    expect((before - bavail) * bsize).to.be.lessThan(512 << 20);
  });

  it("is out of memory when a child of it was, whatever it says afterwards", async () => {
    expect(await code(run("memory-child"))).to.equal("execution_memory");
  });

  it("has no result when it ends like a process that somebody killed", async () => {
    expect(await code(run("killed"))).to.equal("execution_failed");
  });

  it("finds no way out: no mounts, namespaces, devices, tracing, keys, kernel interfaces or files of the host", async () => {
    expect(await answer<{ broken: string[] }>("escape")).to.deep.equal({ broken: [] });
  });

  it("reaches nobody over any network, not even the host itself", async () => {
    const server: Server = createServer((socket: Socket) => void (socket.end(), met++)).listen(0, "0.0.0.0");
    let met = 0;
    await once(server, "listening");
    try {
      const { port } = server.address() as { port: number };
      const task = containerTask(await hostileImage("network"), 1);
      const { output } = await executor.execute({ ...task, input: utf8(`{"port":${port}}\n`) });
      expect(JSON.parse(fromUtf8(output))).to.deep.equal({ reached: 0 });
      expect(met).to.equal(0);
    } finally {
      server.close();
    }
  });
});
