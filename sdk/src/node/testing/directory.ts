import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh directory for each test of the surrounding suite, removed after it. For tests. */
export function useDirectory(): (name?: string) => string {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "infernet-node-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  return (name) => (name === undefined ? directory : join(directory, name));
}
