import { startKubo } from "../../scripts/kubo/daemon.ts";
import { createKuboStore } from "../../sdk/src/storage/kubo/index.ts";
import type { ContentStore } from "../../sdk/src/storage/index.ts";

/** A Kubo store whose daemon begins and ends with it. */
export async function openKubo(directory: string): Promise<ContentStore> {
  const daemon = await startKubo(directory);
  try {
    const store = await createKuboStore({ rpcUrl: daemon.rpcUrl, namespace: "test" });
    const stop = store.stop.bind(store);
    let stopped: Promise<void> | undefined;
    store.stop = () => (stopped ??= stop().then(() => daemon.stop()));
    return store;
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}
