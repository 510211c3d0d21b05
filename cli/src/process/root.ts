import { join } from "node:path";

/** The repository: where contracts, workloads and scripts lie. */
export const ROOT = join(import.meta.dirname, "../../..");

/** Arguments with which Node.js runs this command line again. */
export const SELF: readonly string[] = ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "../main.ts")];

/** Arguments with which Node.js runs a script of the repository. */
export function script(path: string): readonly string[] {
  return ["--disable-warning=ExperimentalWarning", join(ROOT, path)];
}
