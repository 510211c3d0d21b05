/**
 * Loaded into a process before its program (`node --import`): kills it, as the out-of-memory killer would, at the point
 * that the environment names. The program knows nothing of it; what is counted are calls into Node.js itself.
 */
import childProcess from "node:child_process";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { parsePoint, POINT_ENV, type Deed } from "./points.ts";

const point = parsePoint(process.env[POINT_ENV]!);
// What this process starts has a life of its own.
delete process.env[POINT_ENV];
let count = 0;

function pass(deed: Deed, side: "before" | "after"): void {
  if (deed !== point.deed || side !== point.side) return;
  if (++count === point.nth) process.kill(process.pid, "SIGKILL");
}

/** Puts a function in the place of another that does the same, and passes by before and after. */
function watch<O extends object, K extends keyof O>(owner: O, name: K, deedOf: (args: unknown[]) => Deed | null): void {
  const original = owner[name] as (...args: unknown[]) => unknown;
  owner[name] = function (this: unknown, ...args: unknown[]) {
    const deed = deedOf(args);
    if (deed === null) return original.apply(this, args);
    pass(deed, "before");
    const result = original.apply(this, args);
    if (result instanceof Promise) return result.finally(() => pass(deed, "after"));
    pass(deed, "after");
    return result;
  } as O[K];
}

watch(StatementSync.prototype, "run", () => "journal");
watch(DatabaseSync.prototype, "exec", ([sql]) => (/^COMMIT/.test(String(sql)) ? "journal" : null));
watch(globalThis, "fetch", ([, init]) => (String((init as RequestInit | undefined)?.body).includes('"eth_sendRawTransaction"') ? "send" : null));
const isContent = (path: unknown) => String(path).includes("/content/");
watch(fs, "writeFile", ([path]) => (isContent(path) ? "content" : null));
watch(fs, "rename", ([path]) => (isContent(path) ? "content" : null));
watch(childProcess, "spawn", () => "execute");
const { spawn } = childProcess;
childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
  const child = spawn(...args);
  child.stdout?.on("data", () => {
    pass("result", "before");
    // After whoever else listens has had it.
    queueMicrotask(() => pass("result", "after"));
  });
  return child;
}) as typeof spawn;
syncBuiltinESMExports();
