/** Starts an execution that never ends; prints the id of its process once it is in the loop. */
import { readFileSync } from "node:fs";
import { WasmExecutor } from "../wasm/wasm-executor.ts";
import { hostileTask } from "./workloads.ts";

/** Clock ticks of CPU time after which a child is surely past its start and in the loop. */
const IN_LOOP_TICKS = 60;

const executor = new WasmExecutor();
void executor.execute(hostileTask("loop", 1, 60));
for (;;) {
  const [pid] = executor.pids;
  if (pid !== undefined && userTicks(pid) > IN_LOOP_TICKS) {
    console.log(pid);
    break;
  }
  await new Promise((resolve) => setImmediate(resolve));
}

/** utime of proc(5) stat: field 14, counted after the name in parentheses. */
function userTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[11]);
}
