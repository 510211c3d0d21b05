export { createHeliaStore, type HeliaStoreOptions } from "./store.ts";
