import { contentStoreCompliance } from "../compliance.ts";
import { createHeliaStore } from "./index.ts";

contentStoreCompliance("Helia", (directory) => createHeliaStore({ directory }));
