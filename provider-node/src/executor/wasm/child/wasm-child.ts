/**
 * The process in which modules run. It is started by the executor behind the fence (fence.ts) and
 * does one thing: read a request from stdin, run the module, write the reply to stdout. It works
 * synchronously, so nothing but the module is ever running; it ends when stdin ends.
 */
import { readSync, writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { DETAIL_CHARACTERS, frameHead, frameLengths, PREFIX_BYTES, type InitRequest, type Reply, type Request } from "./frames.ts";
import { checkModule } from "./module/check.ts";
import { RefusedModule } from "./module/reader.ts";
import { runModule } from "./run-module.ts";

/** One read(2) moves at most this much. */
const MAX_READ = 1 << 30;
/** The engine frees memories only when it collects, which takes about as long as filling this many bytes. */
const COLLECT_BYTES = 32 * 1024 * 1024;
const collectGarbage = (globalThis as { gc?: () => void }).gc ?? ((): void => {});
const model = new Map<string, Uint8Array>();
let module: WebAssembly.Module | undefined;
/** Memory of ended instances that has not been collected yet. */
let garbageBytes = 0;

// One compiler, not two in turn: they give different bits for some NaN, and when the engine changes
// from the first to the second is a matter of time. Set here, where Node's own modules are compiled already.
setFlagsFromString("--no-liftoff");
disarm();
for (let request = receive(); request !== undefined; request = receive()) {
  if (request.header.kind === "init") initialise(request.header, request.payload);
  else execute(request.header.stdoutBytes, request.payload);
}

/** Takes from this process what it never needs, so that code breaking out of the engine finds less. */
function disarm(): void {
  const unneeded = ["kill", "dlopen", "binding", "_linkedBinding", "_debugProcess", "getBuiltinModule", "setuid", "setgid", "chdir"];
  for (const name of unneeded) Object.defineProperty(process, name, { value: undefined });
  for (const name of ["fetch", "WebSocket", "EventSource", "BroadcastChannel", "Worker"]) Reflect.deleteProperty(globalThis, name);
}

function initialise(request: InitRequest, bytes: Uint8Array): void {
  try {
    for (const file of request.model) model.set(file.path, readFully(file.fd, file.bytes, 0));
    // Whether the memory that the module may ask for can be had at all; its pages are not touched.
    new WebAssembly.Memory({ initial: request.memoryPages, maximum: request.memoryPages });
    module = new WebAssembly.Module(checkModule(bytes, request.memoryPages) as BufferSource);
    reply({ kind: "ready", cpuMicros: cpuMicros() });
  } catch (error) {
    const kind = error instanceof RefusedModule || error instanceof WebAssembly.CompileError ? "refused" : "host";
    reply({ kind, detail: clip(String(error)), cpuMicros: cpuMicros() });
  }
  collectGarbage();
}

function execute(stdoutBytes: number, stdin: Uint8Array): void {
  if (module === undefined) throw new Error("a run was asked for before the module was ready");
  const { outcome, detail, stdout, stderr, memoryBytes } = runModule(module, { stdin, stdoutBytes, model });
  if (outcome === "host") reply({ kind: "host", detail: clip(detail), cpuMicros: cpuMicros() });
  else reply({ kind: "done", outcome, detail: clip(detail), stderr, cpuMicros: cpuMicros() }, stdout);
  garbageBytes += memoryBytes;
  if (garbageBytes < COLLECT_BYTES) return;
  collectGarbage();
  garbageBytes = 0;
}

function receive(): { header: Request; payload: Uint8Array } | undefined {
  const prefix = readFully(0, PREFIX_BYTES);
  if (prefix.length === 0) return undefined;
  const lengths = frameLengths(prefix);
  const header = JSON.parse(new TextDecoder().decode(readFully(0, lengths.header))) as Request;
  return { header, payload: readFully(0, lengths.payload) };
}

function reply(header: Reply, payload: Uint8Array = new Uint8Array(0)): void {
  for (const part of [frameHead(header, payload.length), payload])
    for (let at = 0; at < part.length; ) at += writeSync(1, part, at, part.length - at);
}

/** `length` bytes from `fd`, from `position` for a file; nothing at the end of stdin. */
function readFully(fd: number, length: number, position?: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = readSync(fd, bytes, at, Math.min(length - at, MAX_READ), position === undefined ? null : position + at);
    if (count === 0 && at === 0 && position === undefined) return bytes.subarray(0, 0);
    if (count === 0) throw new Error(`the input ended after ${at} of ${length} bytes`);
    at += count;
  }
  return bytes;
}

function clip(text: string): string {
  return text.slice(0, DETAIL_CHARACTERS);
}

/** CPU time of this process since it started, in microseconds. */
function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
