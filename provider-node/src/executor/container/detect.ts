import { accessSync, constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { InfernetError, isInfernetError } from "@infernet/sdk/core";
import { probe, type ProbeOptions } from "./probe.ts";
import { Runtime } from "./runtime.ts";

/** Where to look for an engine. */
export interface DetectOptions extends ProbeOptions {
  /** `podman`, `docker` or the path of either; undefined: the first that works. */
  readonly runtime: string | undefined;
  /** Where podman keeps the state of what runs now. */
  readonly runFolder: string;
}

const detected = new Map<string, Promise<Runtime>>();

/**
 * The engine of this host that enforces every limit, found by trying; looked for once.
 * @throws {InfernetError} `runtime_unavailable`, saying of each engine what it does not enforce
 */
export function detectRuntime(options: DetectOptions): Promise<Runtime> {
  const key = JSON.stringify(options);
  const known = detected.get(key);
  if (known !== undefined) return known;
  const detecting = detect(options);
  detected.set(key, detecting);
  // What was missing may have been installed by the next time.
  detecting.catch(() => detected.delete(key));
  return detecting;
}

async function detect(options: DetectOptions): Promise<Runtime> {
  await mkdir(options.folder, { recursive: true });
  const reasons: string[] = [];
  for (const client of options.runtime === undefined ? ["podman", "docker"] : [options.runtime]) {
    const path = findProgram(client);
    if (path === undefined) {
      reasons.push(`${client} is not installed`);
      continue;
    }
    for (const runtime of await candidates(path, options)) {
      const defects = await probe(runtime, options);
      if (defects.length === 0) return runtime;
      reasons.push(`${runtime.name} does not enforce or cannot do: ${defects.join("; ")}`);
    }
  }
  throw new InfernetError("runtime_unavailable", `no container engine on this host enforces every limit. ${reasons.join(". ")}.`, {
    hint: "Install podman and runc and run the node as root, or use Docker; or leave container out of the setting executors.",
    details: { reasons },
  });
}

/** Ways to call an engine, the plainest first. */
async function candidates(path: string, { folder, runFolder }: DetectOptions): Promise<Runtime[]> {
  if (basename(path).startsWith("docker")) {
    const driver = await new Runtime("docker", [path], false).call(["info", "--format", "{{.CgroupDriver}}"]).catch((error: unknown) => (isInfernetError(error) ? "" : Promise.reject(error)));
    return [new Runtime("docker", [path], driver.trim() === "cgroupfs")];
  }
  // Images and containers of its own: a stranger's image then cannot take the name of one that the operator uses.
  const own = [path, "--root", join(folder, "storage"), "--runroot", runFolder];
  if (process.getuid?.() !== 0) return [new Runtime("podman", own, false)];
  // crun, podman's first choice, does not start where capabilities of root are missing.
  return [[], ["--runtime", "runc"]].map((flags) => new Runtime("podman", [...own, "--cgroup-manager=cgroupfs", ...flags], true));
}

/** The path of a program, as a shell would find it. */
function findProgram(name: string): string | undefined {
  const paths = name.includes("/") ? [name] : (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
