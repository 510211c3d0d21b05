import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Where the child's sources lie: the only folder it may read. */
export const CHILD_FOLDER = fileURLToPath(new URL("./child/", import.meta.url));
const UNPRIVILEGED_ID = "65534";
/** Open files of a child beyond its model files: streams, event loop, sources while they load. */
const OPEN_FILES = 64;
/** Backstop against a child that outlives its parent: CPU seconds over its whole life. */
export const CPU_SECONDS = 4 * 3600;

/** What the operating system keeps a child from, beyond what Node and the engine do. */
export interface Isolation {
  /** The child has its own, empty network. */
  readonly network: boolean;
  /** The child runs as nobody (only where this process is root). */
  readonly user: boolean;
  /** The child can gain no privileges, and dies when its parent dies even while a module runs. */
  readonly process: boolean;
}

/** A way to start a process with less. */
export interface Fence {
  /** Put before the command line; it replaces itself by the command, so the process id stays. */
  readonly prefix: readonly string[];
  readonly isolation: Isolation;
}

/** Numbers for the child's resource limits. */
export interface ResourceLimits {
  /** Most bytes of writable memory. A backstop against the engine, far above what a module may use. */
  readonly dataBytes: number;
  /** Files that it inherits. */
  readonly files: number;
}

let detected: Promise<Fence> | undefined;

/** The tightest fence that works on this host, found by trying; looked for once. */
export function detectFence(): Promise<Fence> {
  return (detected ??= firstWorking(candidates()));
}

/**
 * The command line of a child behind the fence: resource limits by the shell, then the fence, then
 * Node with its permission model and no environment.
 */
export function fencedCommand(fence: Fence, node: readonly string[], limits: ResourceLimits): string[] {
  const command = [...fence.prefix, ...node];
  if (process.platform === "win32") return command;
  const script = [
    "ulimit -c 0",
    "ulimit -f 0",
    `ulimit -n ${OPEN_FILES + limits.files}`,
    `ulimit -t ${CPU_SECONDS}`,
    `ulimit -d ${Math.ceil(limits.dataBytes / 1024)}`,
    // When memory runs out the kernel shall take the stranger's code first.
    "echo 1000 > /proc/self/oom_score_adj",
  ].map((line) => `{ ${line}; } 2>/dev/null`);
  return ["/bin/sh", "-c", `${script.join("; ")}; unset PWD OLDPWD SHLVL _; exec "$@"`, "sh", ...command];
}

/** Node's own fence: no files but the child's sources, no processes, workers, add-ons, inspector, eval. */
export function nodeArguments(entry: string, memoryPages: number, heapMegabytes: number): string[] {
  return [
    process.execPath,
    "--permission",
    `--allow-fs-read=${CHILD_FOLDER}`,
    "--disallow-code-generation-from-strings",
    "--disable-sigusr1",
    "--no-warnings",
    "--expose-gc",
    `--max-old-space-size=${heapMegabytes}`,
    `--wasm-max-mem-pages=${memoryPages}`,
    entry,
  ];
}

function candidates(): Fence[] {
  const none: Fence = { prefix: [], isolation: { network: false, user: false, process: false } };
  const unshare = find("unshare");
  const setpriv = find("setpriv");
  if (process.platform !== "linux" || setpriv === undefined) return [none];
  const root = process.getuid?.() === 0;
  const locked = [setpriv, "--no-new-privs", "--pdeathsig", "KILL"];
  const powerless = root ? ["--bounding-set=-all", "--inh-caps=-all"] : [];
  const nobody = ["--reuid", UNPRIVILEGED_ID, "--regid", UNPRIVILEGED_ID, "--clear-groups", ...powerless];
  const empty = unshare === undefined ? undefined : [unshare, ...(root ? [] : ["--user", "--map-current-user"]), "--net", "--ipc", "--uts"];
  const fences: Fence[] = [];
  for (const network of empty === undefined ? [[]] : [empty, []])
    for (const user of root ? [nobody, powerless] : [[]])
      fences.push({
        prefix: [...network, ...locked, ...user],
        isolation: { network: network.length > 0, user: user === nobody, process: true },
      });
  return [...fences, none];
}

async function firstWorking(fences: readonly Fence[]): Promise<Fence> {
  for (const fence of fences) {
    // Behind the fence Node must still start and see the child's sources.
    const probe = `require("fs").accessSync(${JSON.stringify(CHILD_FOLDER)}, 4)`;
    const [file, ...rest] = [...fence.prefix, process.execPath, "-e", probe];
    const works = await run(file!, rest, { env: {}, timeout: 20_000 }).then(() => true, () => false);
    if (works) return fence;
  }
  return fences.at(-1)!;
}

function find(name: string): string | undefined {
  return ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
    .map((folder) => `${folder}/${name}`)
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
