import { InfernetError } from "@infernet/sdk/core";
import type { Engine } from "./runtime.ts";

/** A device by its name in the Container Device Interface: vendor/class=device. */
const CDI = /^[a-z0-9][a-z0-9.-]*\/[A-Za-z0-9][A-Za-z0-9_-]*=[A-Za-z0-9][A-Za-z0-9_.:-]*$/;
/** A device of the nvidia runtime: its index or its UUID. */
const NVIDIA = /^nvidia:([A-Za-z0-9-]+)$/;

/** Whether a name is of a form that {@link gpuArguments} understands. */
export function isGpuName(name: string): boolean {
  return name.length <= 200 && (CDI.test(name) || NVIDIA.test(name));
}

/**
 * Arguments of `run` that give a container these GPUs and no other. With none, the nvidia runtime, where it is the
 * default, is told so: it looks at what the image says.
 * @throws {InfernetError} `config_invalid` for a name that this engine cannot give
 */
export function gpuArguments(engine: Engine, names: readonly string[]): string[] {
  const nvidia = names.flatMap((name) => NVIDIA.exec(name)?.[1] ?? []);
  if (nvidia.length > 0 && (engine !== "docker" || nvidia.length < names.length))
    throw new InfernetError("config_invalid", `the GPUs ${names.join(", ")}: names of the nvidia runtime are for docker, and not to be mixed with CDI names`, {
      hint: "Name GPUs by CDI (nvidia.com/gpu=0); `nvidia-ctk cdi generate` makes the names known to podman.",
    });
  if (nvidia.length > 0) return ["--runtime=nvidia", `--env=NVIDIA_VISIBLE_DEVICES=${nvidia.join(",")}`, "--env=NVIDIA_DRIVER_CAPABILITIES=compute,utility"];
  return ["--env=NVIDIA_VISIBLE_DEVICES=void", ...names.map((name) => `--device=${name}`)];
}
