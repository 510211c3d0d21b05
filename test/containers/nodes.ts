import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerExecutor, type ContainerExecutorOptions } from "../../provider-node/src/executor/index.ts";

/** Folders of executors, one process at a time each, so that what an engine knows of one outlives its executor. For tests. */
export class NodeFolders {
  readonly directory: string = mkdtempSync(join(tmpdir(), "infernet-containers-"));
  readonly #used = new Set<string>();

  /** An executor over the first folder that no other one uses. */
  async open(options: Partial<ContainerExecutorOptions> = {}): Promise<ContainerExecutor> {
    let i = 0;
    while (this.#used.has(this.folder(i))) i++;
    const folder = this.folder(i);
    this.#used.add(folder);
    const executor = await ContainerExecutor.open({ folder, maxContainers: 2, ...options });
    const close = executor.close.bind(executor);
    executor.close = async () => {
      await close();
      this.#used.delete(folder);
    };
    return executor;
  }

  folder(i: number): string {
    return join(this.directory, `node-${i}`);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
