export { createHeliaStore, type HeliaContentStore, type HeliaStoreOptions } from "./store.ts";
