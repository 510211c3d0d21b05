import { readFileSync } from "node:fs";
import type { Engine } from "./runtime.ts";

/** Whom the program runs as: nobody. */
export const CONTAINER_ID = 65534;
/** Open files of a process; the same everywhere, since a program can see it. */
export const OPEN_FILES = 1024;
/** Stack of a process; the same everywhere, since a program can exhaust it. */
export const STACK_BYTES = 8 << 20;
/** Podman's default limit of one user's processes, to which it also lowers its own. */
const PROCESSES_OF_USER = 32768;
/** Label that says which node a container belongs to. */
export const NODE_LABEL = "org.infernet.node";
/** Seconds after its limit at which podman itself ends a container whose node has died. */
const BACKSTOP_SECONDS = 30;

/** What a container may use. */
export interface ContainerLimits {
  /** Memory of all its processes, written files included; there is no swap. */
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Processes and threads. */
  readonly processes: number;
  /** Size of /tmp, and of /dev/shm. */
  readonly scratchBytes: number;
  readonly seconds: number;
}

/** A container to be run. */
export interface ContainerSpec {
  readonly name: string;
  /** Id of the node that it belongs to. */
  readonly node: string;
  readonly image: string;
  /** File of the profile in seccomp.ts. */
  readonly seccomp: string;
  readonly limits: ContainerLimits;
  /** Files of this host, mounted read-only. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** Names of GPUs, see gpus.ts. */
  readonly gpus: readonly string[];
  /** Cgroup above the container's own. */
  readonly cgroupParent?: string | undefined;
}

/** Arguments of `run` that both engines know. */
function common({ name, node, seccomp, limits, files, cgroupParent }: ContainerSpec): string[] {
  return [
    `--name=${name}`,
    `--label=${NODE_LABEL}=${node}`,
    "--pull=never",
    // Nothing gets out, and nothing of the host gets in.
    "--network=none",
    "--ipc=private",
    "--cgroupns=private",
    "--hostname=infernet",
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    `--security-opt=seccomp=${seccomp}`,
    `--user=${CONTAINER_ID}:${CONTAINER_ID}`,
    // Limits.
    `--memory=${limits.memoryBytes}b`,
    `--memory-swap=${limits.memoryBytes}b`,
    `--cpus=${limits.cpus}`,
    `--pids-limit=${limits.processes}`,
    `--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,size=${limits.scratchBytes}`,
    `--shm-size=${limits.scratchBytes}b`,
    `--ulimit=nofile=${OPEN_FILES}:${OPEN_FILES}`,
    `--ulimit=stack=${STACK_BYTES}:${STACK_BYTES}`,
    "--ulimit=core=0:0",
    "--log-driver=none",
    // When memory runs out the kernel shall take the stranger's program first.
    "--oom-score-adj=1000",
    // Whoever stops a container by hand kills it: a program that catches a signal could make a result of it.
    "--stop-signal=KILL",
    "--env=HOME=/tmp",
    ...(cgroupParent === undefined ? [] : [`--cgroup-parent=${cgroupParent}`]),
    ...files.map(({ source, target }) => `--volume=${source}:${target}:ro`),
  ];
}

/** What each engine would otherwise add of its own. */
const OWN: Readonly<Record<Engine, (spec: ContainerSpec) => string[]>> = {
  podman: ({ limits }) => [
    "--read-only-tmpfs=false",
    "--image-volume=ignore",
    "--systemd=false",
    "--sdnotify=ignore",
    "--no-hosts",
    "--http-proxy=false",
    // This one counts a user's processes on the whole host; the limit that counts is the cgroup's.
    `--ulimit=nproc=${processesOfUser()}`,
    `--timeout=${Math.ceil(limits.seconds) + BACKSTOP_SECONDS}`,
  ],
  docker: () => ["--no-healthcheck"],
};

/** As many as podman gives by itself, or what this process has: more nobody can give who lacks the capability. */
function processesOfUser(): string {
  const hard = Number(/^Max processes +\S+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? Infinity);
  const most = Math.min(hard, PROCESSES_OF_USER);
  return `${most}:${most}`;
}

/** The arguments after the client's name that run a container, with its streams attached or in the background. */
export function runArguments(engine: Engine, spec: ContainerSpec, gpuArguments: readonly string[], mode: "attached" | "detached" = "attached"): string[] {
  const attachment = mode === "attached" ? ["--interactive", "--sig-proxy=false"] : ["--detach"];
  return ["run", ...attachment, ...common(spec), ...OWN[engine](spec), ...gpuArguments, spec.image];
}
