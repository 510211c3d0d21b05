import { chainPortCompliance } from "../compliance.ts";
import { startWorld } from "./testing/world.ts";

chainPortCompliance("the EVM adapter", () => startWorld());
