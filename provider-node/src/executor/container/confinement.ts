import { readFileSync, readlinkSync } from "node:fs";
import type { Cgroups } from "./cgroup.ts";
import { OPEN_FILES, type ContainerLimits } from "./run-arguments.ts";

/** What is known of a process from outside, each as in proc(5). */
export interface ProcessFacts {
  readonly cgroup: string;
  readonly status: string;
  readonly mountinfo: string;
  readonly limits: string;
  readonly networkDevices: string;
  /** Namespace → its id. */
  readonly namespaces: Readonly<Record<string, string>>;
}

const NAMESPACES = ["net", "mnt", "pid", "ipc", "uts"] as const;
/** File systems that hold nothing of a disk, whoever may write to them. */
const BODILESS = new Set(["proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2"]);

/** What the kernel says about a process. */
export function processFacts(pid: number | "self"): ProcessFacts {
  const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, "utf8");
  return {
    cgroup: read("cgroup"),
    status: read("status"),
    mountinfo: read("mountinfo"),
    limits: read("limits"),
    networkDevices: read("net/dev"),
    namespaces: Object.fromEntries(NAMESPACES.map((name) => [name, readlinkSync(`/proc/${pid}/ns/${name}`)])),
  };
}

/**
 * Holds a process in a container against what was asked of the engine, by what the kernel says.
 * @param own - this process
 * @returns what is not enforced, for people; empty when all of it is
 */
export function unenforced(facts: ProcessFacts, own: ProcessFacts, limits: ContainerLimits, cgroups: Pick<Cgroups, "limits">): string[] {
  return [...limitDefects(facts, limits, cgroups), ...privilegeDefects(facts), ...namespaceDefects(facts, own), ...mountDefects(facts.mountinfo, limits.scratchBytes)];
}

function limitDefects(facts: ProcessFacts, limits: ContainerLimits, cgroups: Pick<Cgroups, "limits">): string[] {
  const { memoryBytes, swapBytes, processes, cpus } = cgroups.limits(facts.cgroup);
  const found = (what: string, value: number | undefined, wanted: number): string[] =>
    value === wanted ? [] : [`${what} (asked for ${wanted}, the kernel ${value === undefined ? "does not say" : value === Infinity ? "has no limit" : `has ${value}`})`];
  const noSwap = swapBytes === 0 || (swapBytes === undefined && !hasSwap());
  return [
    ...found("memory limit", memoryBytes, limits.memoryBytes),
    ...(noSwap ? [] : ["no swap"]),
    ...found("limit of processes", processes, limits.processes),
    ...found("CPU limit", cpus, limits.cpus),
    ...found("limit of open files", Number(/^Max open files +\d+ +(\d+)/m.exec(facts.limits)?.[1]), OPEN_FILES),
  ];
}

function privilegeDefects({ status }: ProcessFacts): string[] {
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
  const capabilities = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].filter((name) => !/^0+$/.test(field(name)));
  return [
    ...(capabilities.length === 0 ? [] : [`no capabilities (${capabilities.join(", ")} are left)`]),
    ...(field("NoNewPrivs") === "1" ? [] : ["no new privileges"]),
    ...(field("Seccomp") === "2" ? [] : ["a seccomp filter"]),
    ...(field("Uid").split(/\s+/).every((uid) => uid !== "0") ? [] : ["a user other than root"]),
  ];
}

function namespaceDefects(facts: ProcessFacts, own: ProcessFacts): string[] {
  const shared = NAMESPACES.filter((name) => facts.namespaces[name] === own.namespaces[name]);
  const devices = facts.networkDevices.split("\n").flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []).filter((name) => name !== "lo");
  return [...(shared.length === 0 ? [] : [`namespaces of its own (${shared.join(", ")} shared with the host)`]), ...(devices.length === 0 ? [] : [`no network (it has ${devices.join(", ")})`])];
}

/** Places where a program could write more than it may. @param mountinfo - proc(5) */
export function mountDefects(mountinfo: string, scratchBytes: number): string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , , point = "", options = ""] = before.split(" ");
    const [type = "", , superOptions = ""] = after.split(" ");
    if (point === "" || options.split(",").includes("ro") || BODILESS.has(type)) return [];
    // Those that the engine makes for itself are root's: nobody else may write there.
    const bounded = type === "tmpfs" && (superOptions.split(",").includes("mode=755") || sizeOf(superOptions) <= scratchBytes);
    return bounded ? [] : [`limited space at ${point} (a writable ${type})`];
  });
}

function sizeOf(options: string): number {
  const [, number, unit = ""] = /(?:^|,)size=(\d+)([kmg]?)/.exec(options) ?? [];
  return number === undefined ? Infinity : Number(number) * { "": 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 }[unit as "k"]!;
}

function hasSwap(): boolean {
  return !/^SwapTotal:\s+0 kB$/m.test(readFileSync("/proc/meminfo", "utf8"));
}
