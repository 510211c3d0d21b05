export { hostConfig, type InfernetHost } from "./config.ts";
export { createHost } from "./create.ts";
export { dialAll, dialTarget, ofPeer } from "./dial.ts";
export { dialTargets, type DialTarget } from "./dial-targets.ts";
export { peersNear, type FoundPeer } from "./lookup.ts";
export { DEFAULT_LISTEN, type DiscoveryOptions, type HostOptions, type RelayMode } from "./options.ts";
export { loadPeerId, loadPeerKey } from "./peer-key.ts";
