export { deploymentSchema, parseDeployment, type Deployment } from "./deployment.ts";
export { LogDecoder } from "./decode.ts";
export type { OutboxJournal } from "./outbox-journal.ts";
export { createEvmPort, type EvmPort, type EvmPortOptions } from "./port.ts";
export { decodeRevert, type RevertReason } from "./revert.ts";
export { jobIdOf } from "./terms.ts";
export type { PortLogger } from "./wait.ts";
