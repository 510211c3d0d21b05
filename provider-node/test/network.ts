import { mkdirSync, mkdtempSync, copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Interface, Wallet, parseEther } from "ethers";
import { inputIndexDocument, manifestDocument, splitLines, splitShards, type Hex32, type Manifest } from "@infernet/sdk/core";
import { JobBook, Directory, type ChainEvent, type JobTerms, type JobView } from "@infernet/sdk/chain";
import { createEvmPort, type EvmPort } from "@infernet/sdk/chain/evm";
import { freePort, createLogger, CrankRunner, dueActions, Journal } from "@infernet/sdk/node";
import { createHeliaStore, type HeliaContentStore } from "@infernet/sdk/storage/helia";
import { deployLocal, startAnvil, type Anvil, type LocalDeployment } from "../../sdk/src/chain/evm/testing/anvil.ts";
import { jobsAbi } from "../../sdk/src/generated/index.ts";
import { digitsModelPath, workloads } from "../../workloads/index.ts";
import type { ProviderSettings } from "../src/index.ts";

const tokens = new Interface(["function mint(address to, uint256 amount)", "function transfer(address to, uint256 amount)"]);
const jobs = new Interface(jobsAbi);
const SAMPLES = new URL("../../workloads/digits/samples.jsonl", import.meta.url);

/** A development chain with the contracts and a client on it. For tests of whole providers. */
export class Network {
  readonly directory: string = mkdtempSync(join(tmpdir(), "infernet-network-"));
  readonly directoryView = new Directory();
  readonly book = new JobBook({ nodeOf: this.directoryView.nodeOf });
  anvil!: Anvil;
  deployment!: LocalDeployment;
  client!: EvmPort;
  store!: HeliaContentStore;
  /** Everything that the chain has said. */
  readonly facts: ChainEvent[] = [];
  readonly #ended = new AbortController();
  readonly #waiting = new Set<() => void>();
  #following: Promise<void> | undefined;
  #nonce = 0n;

  async open(): Promise<this> {
    this.anvil = await startAnvil();
    this.deployment = await deployLocal(this.anvil.url);
    writeFileSync(this.deploymentFile, JSON.stringify(this.deployment));
    mkdirSync(join(this.directory, "models"));
    copyFileSync(digitsModelPath, join(this.directory, "models", "digits.bin"));
    const { wallet } = await this.fundedKey("client");
    this.client = await createEvmPort({ rpc: this.anvil.url, deployment: this.deployment, signer: wallet.privateKey, journal: new Journal(join(this.directory, "client.sqlite")) });
    this.store = await createHeliaStore({ directory: join(this.directory, "client") });
    return this;
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#following;
    await this.client.close();
    await this.store.stop();
    await this.anvil.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get deploymentFile(): string {
    return join(this.directory, "deployment.json");
  }

  /** A key with gas, INFER and test dollars, in a file. Before the clock starts. */
  async fundedKey(name: string): Promise<{ wallet: Wallet; file: string }> {
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    await this.anvil.rpc("anvil_setBalance", wallet.address, "0x3635c9adc5dea00000");
    const from = new Wallet(this.deployment.deployerKey).address;
    const send = (to: string, name: string, amount: bigint) => this.anvil.rpc("eth_sendTransaction", { from, to, data: tokens.encodeFunctionData(name, [wallet.address, amount]) });
    await send(this.deployment.token, "transfer", parseEther("100000"));
    await send(this.deployment.usdc, "mint", 10n ** 12n);
    const file = join(this.directory, `${name}.key`);
    writeFileSync(file, wallet.privateKey);
    return { wallet, file };
  }

  /** Settings of a provider that registers itself; its configuration file. */
  async provider(name: string, settings: Partial<ProviderSettings> = {}): Promise<{ file: string; settings: ProviderSettings; operator: string }> {
    const [operator, owner] = [await this.fundedKey(`${name}-operator`), await this.fundedKey(`${name}-owner`)];
    const all: ProviderSettings = {
      rpcUrl: this.anvil.url,
      deployment: this.deploymentFile,
      keyFile: operator.file,
      ownerKeyFile: owner.file,
      dataDir: join(this.directory, name),
      listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`],
      pool: this.deployment.pool,
      modelsDir: join(this.directory, "models"),
      stake: parseEther("5000").toString(),
      capacity: 1000,
      concurrency: 1,
      blockSeconds: 1,
      logLevel: "debug",
      ...settings,
    };
    const file = join(this.directory, `${name}.json`);
    writeFileSync(file, JSON.stringify(all));
    return { file, settings: all, operator: operator.wallet.address };
  }

  /** From now on a block a second; and the client turns every crank at once, as an aggregator would. */
  async startClock(cranks = true): Promise<void> {
    await this.anvil.rpc("evm_setAutomine", false);
    await this.anvil.rpc("evm_setIntervalMining", 1);
    this.#following = this.#follow(cranks);
  }

  async #follow(cranks: boolean): Promise<void> {
    const signal = this.#ended.signal;
    const runner = new CrankRunner({ port: this.client, log: createLogger({ name: "client", level: "silent" }), signal });
    const parameters = await this.client.parameters();
    for await (const step of this.client.follow(null, { signal })) {
      this.directoryView.apply(step);
      this.book.apply(step);
      this.facts.push(...step.events);
      if (cranks) runner.offer([...this.book.values()].flatMap((job) => dueActions(job, step.time, { parameters })), step.time);
      for (const wake of this.#waiting) wake();
    }
    await runner.idle();
  }

  /** Opens a job over the first digits. @returns its id */
  async openJob(items: number, itemsPerShard: number, terms: Partial<JobTerms> = {}): Promise<Hex32> {
    const lines = splitLines(readFileSync(SAMPLES), { maxLines: 10_000, maxLineBytes: 10_000 }).slice(0, items);
    const module = await this.store.putFile(readFileSync(workloads.digits.wasmPath));
    const shards: Hex32[] = [];
    for (const file of splitShards(lines, itemsPerShard)) shards.push(await this.store.putFile(file));
    const inputs = await this.store.putDocument(inputIndexDocument.encode({ version: 1, items, itemsPerShard, shards }));
    const { model, limits } = workloads.digits;
    const files = model.files.map((file) => ({ ...file, sha256: `0x${file.sha256.replace(/^0x/, "")}` as const }));
    const manifest: Manifest = { version: 1, kind: "wasm", module, model: { name: model.name, files }, inputs, determinism: { class: "exact" }, limits: { ...limits } };
    const { time } = await this.client.head();
    const full: JobTerms = {
      client: this.client.account!,
      nonce: this.#nonce++,
      parameters: (await this.client.parameters()).version,
      manifest: await this.store.putDocument(manifestDocument.encode(manifest)),
      pool: this.deployment.pool,
      token: this.deployment.usdc,
      shardReward: 1000n,
      items,
      itemsPerShard,
      unitsPerShard: BigInt(itemsPerShard),
      replicas: 2,
      committeeWidth: 2,
      aggregator: 0,
      aggregatorFeeBps: 0,
      commitWindow: 60,
      revealWindow: 60,
      challengeWindow: 2,
      deadline: time + 600,
      ...terms,
    };
    await this.client.submit(`open:${full.nonce}`, { type: "open", terms: full, quote: null, locators: this.store.addresses(), deposit: await this.client.cost(full) });
    return this.client.jobId(full);
  }

  /** Waits until a job looks like this. */
  async until(job: Hex32, what: (view: JobView) => boolean): Promise<JobView> {
    await this.#untilTrue(() => this.book.get(job) !== undefined && what(this.book.get(job)!));
    return this.book.get(job)!;
  }

  /** Waits until the chain has said this. */
  untilFact(what: (event: ChainEvent) => boolean): Promise<void> {
    return this.#untilTrue(() => this.facts.some(what));
  }

  async #untilTrue(what: () => boolean): Promise<void> {
    while (!what()) {
      const woken = Promise.withResolvers<void>();
      this.#waiting.add(woken.resolve);
      await woken.promise;
      this.#waiting.delete(woken.resolve);
    }
  }

  /** Calls of the Jobs contract that an account has had mined since a height, reverted ones included, oldest first. */
  async calls(account: string, height: number): Promise<string[]> {
    const calls: string[] = [];
    const head = Number(await this.anvil.rpc<string>("eth_blockNumber"));
    for (let number = height + 1; number <= head; number++) {
      const { transactions } = await this.anvil.rpc<{ transactions: { from: string; to: string; input: string }[] }>("eth_getBlockByNumber", `0x${number.toString(16)}`, true);
      for (const { from, to, input } of transactions)
        if (from === account.toLowerCase() && to === this.deployment.jobs.toLowerCase()) calls.push(jobs.getFunction(input.slice(0, 10))!.name);
    }
    return calls;
  }
}
