// A daemon that behaves as its argument says. For tests.
import { writeSync } from "node:fs";
import { createLogger, runDaemon, sleep } from "../index.ts";

const say = (text: string) => void writeSync(1, `${text}\n`);
const mode = process.argv[2];
await runDaemon(
  async ({ signal, onShutdown }) => {
    onShutdown("first", () => say("closed first"));
    onShutdown("second", async () => {
      if (mode === "hang") await new Promise(() => setInterval(() => {}, 1000));
      if (mode === "bad close") throw new Error("cannot close");
      say("closed second");
    });
    if (mode === "return") return;
    if (mode === "throw") throw new Error("broken");
    if (mode === "stray") setImmediate(() => void Promise.reject(new Error("stray")));
    signal.addEventListener("abort", () => say("told"));
    say("ready");
    await sleep(60_000, signal);
  },
  { log: createLogger({ name: "daemon" }), shutdownTimeoutMs: mode === "hang" ? 60_000 : 5000 },
);
