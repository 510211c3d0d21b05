import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Where the files of a cgroup controller are. */
export interface CgroupMount {
  readonly version: 1 | 2;
  /** Controllers of a version-1 mount. */
  readonly controllers: readonly string[];
  /** Cgroup that is mounted. */
  readonly root: string;
  readonly folder: string;
}

/** Limits of a cgroup as the kernel holds them; undefined where the kernel does not say, Infinity where there is none. */
export interface CgroupLimits {
  readonly memoryBytes: number | undefined;
  /** Swap beyond memory. */
  readonly swapBytes: number | undefined;
  readonly processes: number | undefined;
  readonly cpus: number | undefined;
}

/** The cgroup mounts of this process. @param mountinfo - proc(5) mountinfo */
export function cgroupMounts(mountinfo = readFileSync("/proc/self/mountinfo", "utf8")): CgroupMount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [type, , options = ""] = after.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") return [];
    const [, , , root = "/", folder = ""] = before.split(" ");
    return [{ version: type === "cgroup" ? 1 : 2, controllers: type === "cgroup" ? options.split(",") : [], root, folder } as const];
  });
}

/** The files of a process's cgroups. */
export class Cgroups {
  readonly #mounts: readonly CgroupMount[];

  constructor(mounts: readonly CgroupMount[] = cgroupMounts()) {
    this.#mounts = mounts;
  }

  /** Whether controllers have hierarchies of their own. */
  get version(): 1 | 2 {
    return this.#mounts.some(({ version, controllers }) => version === 1 && controllers.includes("memory")) ? 1 : 2;
  }

  /** Limits of the cgroups that a process is in. @param membership - proc(5) cgroup of the process */
  limits(membership: string): CgroupLimits {
    const folder = (controller: string): string | undefined => this.#folderOf(membership, controller);
    if (this.version === 1) {
      const memoryBytes = readNumber(folder("memory"), "memory.limit_in_bytes");
      const both = readNumber(folder("memory"), "memory.memsw.limit_in_bytes");
      const quota = readNumber(folder("cpu"), "cpu.cfs_quota_us");
      const period = readNumber(folder("cpu"), "cpu.cfs_period_us");
      return {
        memoryBytes,
        swapBytes: both === undefined || memoryBytes === undefined ? undefined : both - memoryBytes,
        processes: readNumber(folder("pids"), "pids.max"),
        cpus: quota === undefined || period === undefined ? undefined : quota < 0 ? Infinity : quota / period,
      };
    }
    const [quota, period] = (read(folder("memory"), "cpu.max") ?? "").split(" ");
    return {
      memoryBytes: readNumber(folder("memory"), "memory.max"),
      swapBytes: readNumber(folder("memory"), "memory.swap.max"),
      processes: readNumber(folder("pids"), "pids.max"),
      cpus: quota === "max" ? Infinity : period === undefined ? undefined : Number(quota) / Number(period),
    };
  }

  /** Folder of a cgroup by its path; undefined where it is not visible here. */
  folder(cgroup: string, controller: string): string | undefined {
    const mount = this.#mounts.find(({ version, controllers }) => (this.version === 1 ? controllers.includes(controller) : version === 2));
    if (mount === undefined) return undefined;
    const below = relative(mount.root, cgroup);
    return below.startsWith("..") ? undefined : join(mount.folder, below);
  }

  /** Removes a cgroup and those below it, as far as they are empty. */
  remove(cgroup: string): void {
    for (const folder of this.#mounts.map((mount) => join(mount.folder, relative(mount.root, cgroup)))) for (const below of [folder, ...children(folder)].reverse()) attempt(() => rmdirSync(below));
  }

  #folderOf(membership: string, controller: string): string | undefined {
    for (const line of membership.split("\n")) {
      const [, controllers = "", cgroup = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (this.version === 2 ? line.startsWith("0::") : controllers.split(",").includes(controller)) return this.folder(cgroup, controller);
    }
    return undefined;
  }
}

/** What the containers below one cgroup have used, also those that are gone. */
export class CgroupMeter {
  readonly #cgroups: Cgroups;
  readonly #cgroup: string;

  /** @param cgroup - path of a cgroup above those of the containers, which run one at a time */
  constructor(cgroups: Cgroups, cgroup: string) {
    this.#cgroups = cgroups;
    this.#cgroup = cgroup;
  }

  /** Ids of the processes of the containers that run now. */
  pids(): number[] {
    const folder = this.#cgroups.folder(this.#cgroup, "pids");
    // What podman keeps beside a container is not of it.
    const containers = folder === undefined ? [] : children(folder).filter((below) => !below.endsWith("/conmon"));
    return containers.flatMap((below) => (read(below, "cgroup.procs") ?? "").split("\n").filter(Boolean).map(Number));
  }

  /** Microseconds of CPU time until now; undefined where the kernel does not say. */
  cpuMicros(): number | undefined {
    if (this.#cgroups.version === 2) return readField(read(this.#cgroups.folder(this.#cgroup, "cpu"), "cpu.stat"), "usage_usec");
    const nanoseconds = readNumber(this.#cgroups.folder(this.#cgroup, "cpuacct"), "cpuacct.usage");
    return nanoseconds === undefined ? undefined : nanoseconds / 1000;
  }

  /** Begins to watch for processes that the kernel kills for memory. @returns a question whether it has, as far as can be told */
  watchMemory(limitBytes: number): () => boolean {
    const folder = this.#cgroups.folder(this.#cgroup, "memory");
    if (this.#cgroups.version === 2) {
      const kills = () => readField(read(folder, "memory.events"), "oom_kill") ?? 0;
      const before = kills();
      return () => kills() > before;
    }
    // Version 1 counts such deaths in the cgroup that dies with the container, and on the whole host; so both must hold:
    // somebody was killed, and this one had used all of its memory but for what a CPU charges at a time.
    const kills = () => readField(read("/proc", "vmstat"), "oom_kill") ?? 0;
    const before = kills();
    const peak = folder === undefined ? "" : join(folder, "memory.max_usage_in_bytes");
    if (existsSync(peak)) writeFileSync(peak, "0");
    return () => kills() > before && (readNumber(folder, "memory.max_usage_in_bytes") ?? Infinity) >= limitBytes - SLACK_BYTES;
  }
}

const SLACK_BYTES = 4 << 20;

/** Folders below a folder, each after the one that it is in. */
function children(folder: string): string[] {
  const entries = attempt(() => readdirSync(folder, { withFileTypes: true, recursive: true })) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function read(folder: string | undefined, name: string): string | undefined {
  return folder === undefined ? undefined : attempt(() => readFileSync(join(folder, name), "utf8").trim());
}

function readNumber(folder: string | undefined, name: string): number | undefined {
  const text = read(folder, name);
  return text === undefined ? undefined : text === "max" ? Infinity : Number(text);
}

function readField(text: string | undefined, name: string): number | undefined {
  const line = text?.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
