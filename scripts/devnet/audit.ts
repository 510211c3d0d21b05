/**
 * Reads a development network without the SDK's chain adapter and prints one JSON object:
 * `node scripts/devnet/audit.ts --rpc URL --deployment FILE [--job ID[,ID…]]`.
 */
import { parseArgs } from "node:util";
import { openDevnet, settledBlock } from "./chain.ts";
import { jobLedger } from "./job-ledger.ts";
import { moneySnapshot } from "./money.ts";

const { values } = parseArgs({ options: { rpc: { type: "string" }, deployment: { type: "string" }, job: { type: "string" } } });
const net = openDevnet(values.rpc!, values.deployment!);
const block = await settledBlock(net.provider);
const [money, job] = await Promise.all([moneySnapshot(net, block), values.job === undefined ? null : jobLedger(net, values.job.split(","), block)]);
process.stdout.write(`${JSON.stringify({ money, job }, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))}\n`);
net.provider.destroy();
