// Submits one action under one key, with a journal on disk. For tests, which kill it.
// Arguments: RPC URL, deployment (JSON), private key, journal file, key, action (JSON of action-json.ts)
import { Journal } from "../../../node/journal.ts";
import { actionFromJson, type Json } from "../action-json.ts";
import { createEvmPort } from "../port.ts";

const [rpc, deployment, signer, path, key, action] = process.argv.slice(2) as [string, string, string, string, string, string];
const journal = new Journal(path);
const port = await createEvmPort({ rpc, deployment: JSON.parse(deployment), signer, journal, pollMs: 10 });
const receipt = await port.submit(key, actionFromJson(JSON.parse(action) as Json));
console.log(JSON.stringify({ ...receipt, gas: receipt.gas.toString() }));
await port.close();
journal.close();
