/** Makes static Linux programs of the sources of the modules, for containers. Nothing of it is committed. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { requireCompiler } from "../compiler.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const FLAGS = [
  "--target=x86_64-linux-gnu", "-std=c11", "-O2", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-fuse-ld=lld",
  // The arithmetic of the modules: scalar or SSE2, each step rounded.
  "-ffp-contract=off", "-fno-fast-math", "-march=x86-64",
  "-D_start=module_start", "-fno-ident", "-g0", "-Wl,--strip-all", "-Wl,--build-id=none",
  "-Wall", "-Wextra", "-Werror",
];

/** Sources of the digits workload, relative to the folder of workloads. */
export const digitsSources = ["digits/digits.c", "common/lines.c", "common/output.c", "common/json.c", "common/base64.c", "common/model.c"];

/** Sources of a hostile program: the module's own, or one that only an operating system can suffer. */
export function hostileSources(name: string, folder: "hostile" | "native/hostile"): string[] {
  return [`${folder}/${name}.c`, "common/lines.c", "common/output.c", "common/json.c"];
}

/**
 * Compiles a program for x86-64.
 * @returns the bytes of the executable; it needs no other file
 * @throws Error when the pinned compiler is missing or the sources do not compile
 */
export function buildProgram(sources: readonly string[]): Buffer {
  const clang = requireCompiler();
  const folder = mkdtempSync(join(tmpdir(), "infernet-native-"));
  try {
    const output = join(folder, "program");
    execFileSync(clang, [...FLAGS, ...sources, "native/wasi.c", "-o", output], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
