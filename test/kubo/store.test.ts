import { contentExchangeCompliance, contentStoreCompliance } from "../../sdk/src/storage/compliance.ts";
import { createHeliaStore } from "../../sdk/src/storage/helia/index.ts";
import { openKubo } from "./kubo-store.ts";

const openHelia = (directory: string) => createHeliaStore({ directory });

contentStoreCompliance("Kubo", openKubo);
contentExchangeCompliance("Kubo to Helia", openKubo, openHelia);
contentExchangeCompliance("Helia to Kubo", openHelia, openKubo);
