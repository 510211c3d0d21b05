import { executorCompliance } from "../../provider-node/src/executor/compliance.ts";
import type { ContainerExecutor } from "../../provider-node/src/executor/index.ts";
import { containerTask, digitsContainerTask, hostileImage } from "../../provider-node/src/executor/testing/programs.ts";
import { digitsOutput } from "../../provider-node/src/executor/testing/workloads.ts";
import { NodeFolders } from "./nodes.ts";

const folders = new NodeFolders();

executorCompliance("container", {
  create: () => folders.open(),
  task: async (behaviour, items, seconds = 30) => containerTask(await hostileImage(behaviour), items, { seconds }),
  // The same digits as the module gives, to the last bit.
  real: async () => ({ task: await digitsContainerTask(), output: digitsOutput() }),
  processes: (executor) => (executor as ContainerExecutor).pids,
  // How much memory a program has depends on its kernel, how much stack does not.
  gives: { memory: { error: "execution_memory" }, recursion: { failure: "trap" } },
  sealed: false,
});

after(() => folders.remove());
