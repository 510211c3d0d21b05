/** Finds, and where possible installs, the one compiler version whose output is committed. */
import { execFileSync, spawnSync } from "node:child_process";

/** LLVM release of clang and wasm-ld. Another release may emit other bytes, so it is not accepted. */
export const COMPILER_VERSION = "19.1.7";
const PACKAGES = ["clang-19", "lld-19"];

function versionOf(command: string): string | undefined {
  const run = spawnSync(command, ["--version"], { encoding: "utf8" });
  if (run.error !== undefined || run.status !== 0) return undefined;
  return /(?:clang version|LLD) (\d+\.\d+\.\d+)/.exec(run.stdout)?.[1] ?? "unknown";
}

function install(): void {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).error !== undefined) return;
  console.error(`installing ${PACKAGES.join(" and ")} with apt (about 15 seconds)`);
  const options = { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } } as const;
  execFileSync("apt-get", ["update", "-qq"], options);
  execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...PACKAGES], options);
}

/**
 * The name of the pinned clang; installs it by apt when it is missing and this process is root.
 *
 * @throws Error naming what is missing or which other version was found
 */
export function requireCompiler(): string {
  const [clang, linker] = ["clang-19", "wasm-ld-19"];
  if (versionOf(clang) === undefined || versionOf(linker) === undefined) install();
  for (const command of [clang, linker]) {
    const found = versionOf(command);
    if (found === COMPILER_VERSION) continue;
    throw new Error(
      found === undefined
        ? `${command} is missing. Install ${PACKAGES.join(" and ")} (version ${COMPILER_VERSION}), for instance with apt.`
        : `${command} is version ${found}, but the committed modules are built with ${COMPILER_VERSION}; another version may emit other bytes.`,
    );
  }
  return clang;
}
