import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage<Readonly<Record<string, unknown>>>();

/** Runs something whose log lines all carry these fields, however deep they are written: job, batch, shard. Contexts add up. */
export function withLogFields<T>(fields: Readonly<Record<string, unknown>>, run: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, run);
}

/** Fields of the lines that are written here and now; an object of its own each time, since the logger writes into it. */
export function logFields(): object {
  return { ...storage.getStore() };
}
