/** Starts a container that never ends over the folder that is named; prints the id of its process once it runs. */
import { readFileSync } from "node:fs";
import { ContainerExecutor } from "../../provider-node/src/executor/index.ts";
import { containerTask, hostileImage } from "../../provider-node/src/executor/testing/programs.ts";

const executor = await ContainerExecutor.open({ folder: process.argv[2]!, maxContainers: 1 });
void executor.execute(containerTask(await hostileImage("loop"), 1, { seconds: 60 }));
for (;;) {
  const pid = executor.pids.find((one) => commandOf(one) === "/program\0");
  if (pid !== undefined) {
    console.log(pid);
    break;
  }
  await new Promise((resolve) => setImmediate(resolve));
}

/** The command line of a process; empty when it has ended meanwhile. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
