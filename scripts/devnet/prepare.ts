/**
 * Makes a bare development chain a network: contracts, test USDC, listed pools, funded keys.
 * `node scripts/devnet/prepare.ts --rpc URL --deployment FILE --keys FOLDER --providers N`
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Contract, ContractFactory, JsonRpcProvider, NonceManager, parseEther, type ContractTransactionResponse, type InterfaceAbi } from "ethers";
import { infernetTokenAbi } from "../../sdk/src/generated/index.ts";
import { BuildArtifacts } from "../deploy/artifacts.ts";
import { deployInfernet } from "../deploy/deploy.ts";
import { development } from "../deploy/presets.ts";
import { devnetAccounts, writeKeys } from "./accounts.ts";
import { openMarket } from "./market.ts";

const USDC_OF_CLIENT = 1_000_000n * 10n ** 6n;
const INFER_OF_OWNER = parseEther("100000");

const { values } = parseArgs({ options: { rpc: { type: "string" }, deployment: { type: "string" }, keys: { type: "string" }, providers: { type: "string" } } });
const provider = new JsonRpcProvider(values.rpc, undefined, { batchMaxCount: 1, staticNetwork: true, cacheTimeout: -1, pollingInterval: 100 });
const accounts = devnetAccounts(Number(values.providers), provider);
writeKeys(values.keys!, accounts);

const deployment = await deployInfernet({ provider, wallet: accounts.deployer, preset: development });

// From here on all transactions of the deployer are sent at once and waited for together.
const deployer = new NonceManager(accounts.deployer);
const { abi, bytecode } = new BuildArtifacts(join(import.meta.dirname, "../../artifacts")).read("TestUSDC");
const usdc = await new ContractFactory(abi, bytecode, deployer).deploy();
const infer = new Contract(deployment.token, infernetTokenAbi as unknown as InterfaceAbi, deployer);
const sent = [(await usdc.getFunction("mint")(accounts.client.address, USDC_OF_CLIENT, { gasLimit: 200_000 })) as ContractTransactionResponse];
for (const { owner } of accounts.nodes) sent.push((await infer.transfer!(owner.address, INFER_OF_OWNER, { gasLimit: 200_000 })) as ContractTransactionResponse);
const poolIds = await openMarket(provider, deployment, await usdc.getAddress());
await Promise.all(sent.map((transaction) => transaction.wait()));

const content = { ...deployment, usdc: await usdc.getAddress(), poolIds, epochSeconds: development.epochSeconds };
writeFileSync(`${values.deployment!}.new`, `${JSON.stringify(content, null, 2)}\n`);
renameSync(`${values.deployment!}.new`, values.deployment!);
provider.destroy();
