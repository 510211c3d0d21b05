// Deploys Infernet: node scripts/deploy/main.ts --rpc URL --key FILE --preset development|production [--holder ADDRESS]
// [--guardian ADDRESS] [--confirmations N] [--accept-blockhash] [--out FILE]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { JsonRpcProvider, Wallet, getAddress } from "ethers";
import { deployInfernet, writeDeployment } from "./deploy.ts";
import { PRESETS, type PresetName } from "./presets.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const { values } = parseArgs({
  options: {
    rpc: { type: "string" },
    key: { type: "string" },
    preset: { type: "string" },
    holder: { type: "string" },
    guardian: { type: "string" },
    confirmations: { type: "string", default: "1" },
    "accept-blockhash": { type: "boolean", default: false },
    out: { type: "string" },
  },
});
const { rpc, key, preset, holder, guardian } = values;
if (rpc === undefined || key === undefined || preset === undefined || !Object.hasOwn(PRESETS, preset)) {
  console.error("usage: main.ts --rpc URL --key FILE --preset development|production [--holder ADDRESS] [--guardian ADDRESS] [--confirmations N] [--accept-blockhash] [--out FILE]");
  process.exit(2);
}

const provider = new JsonRpcProvider(rpc, undefined, { batchMaxCount: 1, staticNetwork: true, cacheTimeout: -1 });
try {
  const { chainId } = await provider.getNetwork();
  const deployment = await deployInfernet({
    provider,
    wallet: new Wallet(readFileSync(key, "utf8").trim()),
    preset: PRESETS[preset as PresetName],
    ...(holder === undefined ? {} : { holder: getAddress(holder) }),
    ...(guardian === undefined ? {} : { guardian: getAddress(guardian) }),
    confirmations: Number(values.confirmations),
    acceptBlockhash: values["accept-blockhash"],
    journal: join(ROOT, "ignition/deployments", `chain-${chainId}`),
  });
  const out = values.out ?? join(ROOT, "deployments", `${chainId}.json`);
  writeDeployment(out, deployment);
  console.log(`deployed and verified; addresses in ${out}`);
} finally {
  provider.destroy();
}
