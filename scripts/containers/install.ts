/** Finds, and where possible installs, what the tests of containers need: `node scripts/containers/install.ts`. */
import { spawnSync } from "node:child_process";

/** Program → the package that has it. */
const NEEDED = { podman: "podman", runc: "runc", docker: "docker.io", dockerd: "docker.io", containerd: "containerd" } as const;

const works = (program: string) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

/**
 * Makes sure that podman, runc and docker are here; installs them by apt where this process is root.
 * @param say - told what goes on
 * @throws Error naming what is missing
 */
export function requireEngines(say: (line: string) => void = () => {}): void {
  if (process.platform !== "linux" || process.arch !== "x64") throw new Error(`these tests run programs for Linux on x86-64 in containers; this is ${process.platform} on ${process.arch}`);
  const missing = Object.keys(NEEDED).filter((program) => !works(program)) as (keyof typeof NEEDED)[];
  if (missing.length === 0) return;
  const packagesOf = (programs: typeof missing) => [...new Set(programs.map((program) => NEEDED[program]))];
  if (process.getuid?.() === 0 && works("apt-get")) {
    say(`installing ${packagesOf(missing).join(", ")} with apt (about a minute)`);
    const options = { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } } as const;
    spawnSync("apt-get", ["update", "-qq"], options);
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packagesOf(missing)], options);
  }
  const still = missing.filter((program) => !works(program));
  if (still.length > 0) throw new Error(`${still.join(" and ")} is missing: install ${packagesOf(still).join(" and ")} (for instance with apt), and run this as root.`);
}

if (import.meta.main) requireEngines(console.error);
