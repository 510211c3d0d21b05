// Generated from the contracts' artifacts by scripts/generate/run.ts; a test holds it against them.
export const randomnessAbi = [
  {"inputs":[{"internalType":"uint64","name":"round","type":"uint64"}],"name":"RandomnessPending","type":"error"},
  {"inputs":[],"name":"nextRound","outputs":[{"internalType":"uint64","name":"round","type":"uint64"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"internalType":"uint64","name":"round","type":"uint64"}],"name":"valueOf","outputs":[{"internalType":"bytes32","name":"value","type":"bytes32"}],"stateMutability":"view","type":"function"},
] as const;
