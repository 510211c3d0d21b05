import { join } from "node:path";
import { InfernetError, profileDocument, type Hardware } from "@infernet/sdk/core";
import type { NodeEntry } from "@infernet/sdk/chain";
import { createEvmPort, parseDeployment } from "@infernet/sdk/chain/evm";
import { announcementsTopic, realmOf, startDiscovery } from "@infernet/sdk/net";
import { createLogger, Drain, Journal, keepProfile, loadDevelopmentKey, lockAccount, lockDirectory, NodeMonitor, operatorKey, parseSettings, readJsonFile, registerNode, signingScope, writeProfile, type Logger } from "@infernet/sdk/node";
import { openNodeContent } from "@infernet/sdk/storage/open";
import { ChainLoop } from "./chain-loop.ts";
import { readBenchmarks } from "./bench/index.ts";
import { providerConfigSchema, type ProviderConfig, type ProviderSettings } from "./config.ts";
import { describeProvider } from "./description.ts";
import { Draining } from "./draining.ts";
import { executorOpeners } from "./executors.ts";
import type { Executor } from "./executor/index.ts";
import { lyingCompute, requireDevelopmentChain, silentConduct } from "./faulty.ts";
import { detectHardware } from "./hardware/index.ts";
import { metered } from "./metered.ts";
import { InstalledModels } from "./models.ts";
import { providerProfile } from "./profile.ts";
import { Retention } from "./retention.ts";
import { SeatRunner } from "./seat-runner.ts";
import { seatSalts } from "./salt.ts";
import { createWorker } from "./work.ts";

/** How a provider in this process is started. */
export interface StartOptions {
  readonly log?: Logger;
  readonly signal?: AbortSignal;
}

/** What a provider says of itself once it has caught up with the chain. */
export interface Ready {
  readonly peerId: string;
  readonly multiaddrs: readonly string[];
  /** Null while nobody has registered its operator account. */
  readonly node: number | null;
}

/** A provider at work. */
export interface RunningProvider {
  readonly ready: Promise<Ready>;
  /** Resolves when it has been stopped, rejects when it cannot go on. */
  readonly done: Promise<void>;
  /** The profile that the owner publishes for it. */
  readonly profile: Uint8Array;
  /** Ends it in an orderly way. Stopping twice is no error. */
  stop(): Promise<void>;
}

/**
 * Starts a provider: opens its data directory, content store and chain, and works until it is stopped.
 * @throws {InfernetError} `config_invalid`, `data_dir_locked`, `key_in_use`, `keystore_invalid`, `chain_unreachable` and the like
 */
export async function startProvider(settings: ProviderSettings | ProviderConfig, { log: given, signal }: StartOptions = {}): Promise<RunningProvider> {
  const config = parseSettings(providerConfigSchema, settings);
  const { dataDir, misbehave } = config;
  const deployment = parseDeployment(readJsonFile("deployment", config.deployment));
  if (misbehave !== undefined) requireDevelopmentChain(String(deployment.chainId));
  const log = given ?? createLogger({ name: "provider", level: config.logLevel, ...(config.logFile === undefined ? {} : { file: config.logFile }) });
  const ended = new AbortController();
  const both = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);

  await using starting = new AsyncDisposableStack();
  starting.use(lockDirectory(dataDir));
  const monitor = new NodeMonitor({ role: "provider", dataDir, settings: config, log });
  starting.use(await monitor.serve());
  const journal = starting.use(new Journal(join(dataDir, "journal.sqlite")));
  const models = await InstalledModels.open(config.modelsDir, join(dataDir, "models.json"));
  const signer = await operatorKey(config, deployment.chainId);
  const openPort = async (key: typeof signer) => {
    starting.use(await lockAccount(signingScope(deployment.chainId, config.rpcUrl[0]!), key.address));
    return starting.adopt(await createEvmPort({ rpc: config.rpcUrl, deployment, signer: key, journal, log, observer: monitor.metrics.observer }), (port) => port.close());
  };
  const port = await openPort(signer);
  const topic = announcementsTopic(realmOf(port.chain, deployment.jobs));
  const discovered = { bootstrap: config.bootstrap, relay: config.relay, topic };
  const counted = monitor.enabled ? { metrics: monitor.metrics.registry } : {};
  const content = await openNodeContent({ directory: join(dataDir, "content"), listen: config.listen, announce: config.announce, discovery: discovered, ...counted, kuboRpcUrl: config.kuboRpcUrl, namespace: `provider-${signer.address}` });
  const { store, host } = starting.adopt(content, (it) => it.stop());
  const executors: Executor[] = [];
  for (const open of executorOpeners(config)) executors.push(metered(starting.adopt(await open(), (it) => it.close()), log, monitor.metrics));
  const worker = createWorker(
    {
      store,
      executors,
      models,
      policy: {
        vettedModules: new Set(config.vettedModules),
        unvetted: config.unvetted,
        maxMemoryPages: config.maxMemoryPages,
        maxShardSeconds: config.maxShardSeconds,
        minUnitReward: config.minUnitReward,
      },
      limits: { moduleBytes: config.maxModuleBytes, imageBytes: config.maxImageBytes, shardBytes: config.maxShardBytes },
      fetchTimeoutMs: 1000 * config.fetchTimeoutSeconds,
      saltOf: seatSalts(signer.privateKey, deployment),
    },
    misbehave === "lie" ? lyingCompute(config.misbehaveSeed ?? store.peerId) : undefined,
  );
  if (misbehave !== undefined) log.warn({ misbehave }, "this provider misbehaves on purpose");

  const profile = profileDocument.encode(providerProfile(content, config, models));
  writeProfile(dataDir, profile);
  const ownerPort = config.ownerKeyFile === undefined ? null : await openPort(loadDevelopmentKey(config.ownerKeyFile, BigInt(deployment.chainId)));
  if (ownerPort !== null) await registerNode({ port: ownerPort, operator: signer.address, profile, stake: config.stake, membership: { pool: config.pool, capacity: config.capacity } });

  const ready = Promise.withResolvers<Ready>();
  let live = false;
  const onLive = (node: NodeEntry | null) => {
    if (live) return;
    live = true;
    void keepProfile(ownerPort, node, profile, log);
    ready.resolve({ peerId: content.host.peerId.toString(), multiaddrs: content.hostAddresses(), node: node?.node ?? null });
  };
  const seats: SeatRunner = new SeatRunner({
    port,
    worker,
    store,
    journal,
    log,
    signal: both,
    concurrency: config.seats,
    margins: { send: config.sendMarginSeconds, decline: config.declineMarginSeconds },
    onChange: () => loop.reconcile(),
    metrics: monitor.metrics,
    ...(misbehave === "silent" ? { conduct: silentConduct } : {}),
  });
  const retention = new Retention({ journal, store, log, seconds: 3600 * config.retentionHours });
  const drain = new Drain(dataDir);
  const draining = new Draining({ port, drain, journal, log, pool: config.pool, onFound: () => loop.reconcile() });
  const loop: ChainLoop = new ChainLoop({ port, store, seats, retention, draining, onStep: monitor.apply, syncSeconds: 3600 * config.syncHours, pool: config.pool, log, signal: both, blockSeconds: config.blockSeconds, onLive });

  monitor.watch({ port, store, node: () => loop.node, counts: () => loop.counts(), draining: () => drain.wanted });

  let known: Hardware | undefined;
  const describe = () => {
    const node = loop.node?.node;
    if (node === undefined || known === undefined) return null;
    const { pool, seats: most, minUnitReward } = config;
    return describeProvider({ node, pool, models: models.digests(), executors: executors.map(({ kind }) => kind), draining: drain.wanted, busy: seats.atWork, seats: most, minUnitReward, hardware: known, benchmarks: readBenchmarks(dataDir) });
  };
  const peerOf = (node: number) => loop.directory.node(node)?.profile?.peerId;
  const discovery = starting.adopt(await startDiscovery({ host, port, journal, describe, peerOf, log }), (it) => it.stop());
  // Only announcements need it: looking at the hardware does not keep a node from its work at the start.
  void ready.promise.then(detectHardware).then((found) => {
    known = found;
    discovery.changed();
  }, () => {});

  const parts = starting.move();
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= parts.disposeAsync());
  const done = loop.run().finally(async () => {
    ended.abort();
    await close();
  });
  done.then(() => ready.reject(new InfernetError("aborted", "the provider was stopped before it had caught up")), ready.reject);
  ready.promise.catch(() => {});
  return {
    ready: ready.promise,
    done,
    profile,
    async stop() {
      ended.abort();
      await done;
    },
  };
}
