import { executorCompliance, PROGRAM_FAILURES, type ExecutorHarness } from "../../provider-node/src/executor/compliance.ts";
import type { ContainerExecutor } from "../../provider-node/src/executor/index.ts";
import { containerTask, digitsContainerTask, hostileImage } from "../../provider-node/src/executor/testing/programs.ts";
import { digitsOutput } from "../../provider-node/src/executor/testing/workloads.ts";
import { Dockerd } from "./dockerd.ts";
import { NodeFolders } from "./nodes.ts";

function harness(create: () => Promise<ContainerExecutor>): ExecutorHarness {
  return {
    create,
    task: async (behaviour, items, seconds = 30) => containerTask(await hostileImage(behaviour), items, { seconds }),
    // The same digits as the module gives, to the last bit.
    real: async () => ({ task: await digitsContainerTask(), output: digitsOutput() }),
    processes: (executor) => (executor as ContainerExecutor).pids,
    // How much memory a program has depends on its kernel, how much stack does not.
    gives: { ...PROGRAM_FAILURES, memory: { error: "execution_memory" }, recursion: { failure: "trap" } },
    sealed: false,
  };
}

describe("with podman", function () {
  this.timeout(90_000);
  const folders = new NodeFolders();
  after(() => folders.remove());
  executorCompliance("container", harness(() => folders.open({ runtime: "podman" })));
});

describe("with docker", function () {
  this.timeout(90_000);
  const folders = new NodeFolders();
  const previous = process.env["DOCKER_HOST"];
  let daemon: Dockerd | undefined;
  before(async () => {
    daemon = await Dockerd.start(folders.directory);
    process.env["DOCKER_HOST"] = daemon.host;
  });
  after(async () => {
    if (previous === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = previous;
    await daemon?.stop();
    folders.remove();
  });
  executorCompliance("container", harness(() => folders.open({ runtime: "docker" })));
});
