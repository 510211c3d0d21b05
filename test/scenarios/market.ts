import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEther } from "ethers";
import type { AggregatorSettings } from "@infernet/aggregator-node";
import { createEvmPort, type EvmPort } from "@infernet/sdk/chain/evm";
import { createClient, type InfernetClient, type JobRequest } from "@infernet/sdk/client";
import { splitLines } from "@infernet/sdk/core";
import { Journal } from "@infernet/sdk/node";
import { createHeliaStore, type HeliaContentStore } from "@infernet/sdk/storage/helia";
import type { ProviderSettings } from "@infernet/provider-node";
import { Network } from "../../provider-node/test/network.ts";
import { workloads } from "../../workloads/index.ts";
import { NodeProcess, type Ready } from "./node-process.ts";

const SAMPLES = new URL("../../workloads/digits/samples.jsonl", import.meta.url);

/** A client that can be thrown away and made again over the same data. */
export interface TestClient {
  readonly client: InfernetClient;
  readonly port: EvmPort;
  readonly store: HeliaContentStore;
  close(): Promise<void>;
}

/** A development chain with an aggregator and providers as processes of their own. */
export class Market {
  readonly network = new Network();
  readonly providers: NodeProcess[] = [];
  aggregator!: NodeProcess;
  aggregatorFile!: string;
  #clientKey!: string;

  /** @param providers - settings of each; as a function, they are told where the aggregator is, which then starts first */
  async open(providers: readonly Partial<ProviderSettings>[] | ((aggregator: Ready) => readonly Partial<ProviderSettings>[]), aggregator: Partial<AggregatorSettings> = {}): Promise<this> {
    await this.network.open();
    const { deployment, directory, anvil } = this.network;
    this.#clientKey = (await this.network.fundedKey("buyer")).wallet.privateKey;
    const files: string[] = [];
    const plan = async (all: readonly Partial<ProviderSettings>[]) => {
      for (const [i, settings] of all.entries()) files.push((await this.network.provider(`provider-${i + 1}`, settings)).file);
    };
    if (typeof providers !== "function") await plan(providers);
    const [operator, owner] = [await this.network.fundedKey("aggregator-operator"), await this.network.fundedKey("aggregator-owner")];
    const all: AggregatorSettings = {
      rpcUrl: anvil.url,
      deployment: this.network.deploymentFile,
      keyFile: operator.file,
      ownerKeyFile: owner.file,
      dataDir: join(directory, "aggregator"),
      stake: parseEther("1000").toString(),
      pools: [deployment.pool],
      logLevel: "debug",
      ...aggregator,
    };
    this.aggregatorFile = join(directory, "aggregator.json");
    writeFileSync(this.aggregatorFile, JSON.stringify(all));
    // Funding takes blocks at once, so whoever is funded later starts the clock later.
    if (typeof providers !== "function") await this.network.startClock(false);
    this.aggregator = new NodeProcess("aggregator", this.aggregatorFile);
    if (typeof providers === "function") {
      await plan(providers(await this.aggregator.ready));
      await this.network.startClock(false);
    }
    for (const file of files) this.providers.push(new NodeProcess("provider", file));
    await Promise.all([this.aggregator.ready, ...this.providers.map(({ ready }) => ready)]);
    return this;
  }

  async close(): Promise<void> {
    await Promise.all([this.aggregator?.kill(), ...this.providers.map((provider) => provider.kill())]);
    await this.network.close();
  }

  /** Kills the aggregator and starts it again over the same data. */
  async restartAggregator(): Promise<void> {
    await this.aggregator.kill();
    this.aggregator = new NodeProcess("aggregator", this.aggregatorFile);
    await this.aggregator.ready;
  }

  /** A client over a directory of that name. @param bootstrap - a peer that knows the others */
  async client(name: string, bootstrap: readonly string[] = []): Promise<TestClient> {
    const directory = join(this.network.directory, `client-${name}`);
    const store = await createHeliaStore({ directory, ...(bootstrap.length > 0 && { discovery: { bootstrap, relay: "off" } }) });
    const journal = new Journal(join(directory, "journal.sqlite"));
    const port = await createEvmPort({ rpc: this.network.anvil.url, deployment: this.network.deployment, signer: this.#clientKey, journal });
    const client = createClient({ port, store, journal });
    return {
      client,
      port,
      store,
      async close() {
        await client.close();
        await port.close();
        await store.stop();
        journal.close();
      },
    };
  }

  /** A request over the first digits. */
  request(items: number, change: Partial<JobRequest> = {}): JobRequest {
    const lines = splitLines(readFileSync(SAMPLES), { maxLines: 10_000, maxLineBytes: 10_000 });
    const { model, limits, wasmPath } = workloads.digits;
    const files = model.files.map((file) => ({ ...file, sha256: `0x${file.sha256}` as const }));
    return {
      input: Array.from({ length: items }, (_, i) => Buffer.from(lines[i % lines.length]!).toString()),
      format: "raw",
      workload: { module: readFileSync(wasmPath), model: { name: model.name, files }, limits },
      pool: this.network.deployment.pool,
      token: this.network.deployment.usdc,
      maxPrice: 10n ** 9n,
      shardReward: 1000n,
      shardSize: 4,
      ...change,
    };
  }
}
