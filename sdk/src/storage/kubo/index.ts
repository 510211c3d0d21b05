export { createKuboStore, type KuboStoreOptions } from "./store.ts";
