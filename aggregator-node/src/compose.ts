import { join } from "node:path";
import { InfernetError, profileDocument } from "@infernet/sdk/core";
import { Directory, type NodeEntry } from "@infernet/sdk/chain";
import { createEvmPort, parseDeployment } from "@infernet/sdk/chain/evm";
import { announcementsTopic, createDirect, intakeProtocol, realmOf, startDiscovery } from "@infernet/sdk/net";
import { createLogger, Drain, Journal, keepProfile, loadDevelopmentKey, lockAccount, lockDirectory, NodeMonitor, operatorKey, parseSettings, readJsonFile, registerNode, signingScope, writeProfile, type Logger } from "@infernet/sdk/node";
import { openNodeContent } from "@infernet/sdk/storage/open";
import { ChainLoop } from "./chain-loop.ts";
import { Collector } from "./collector.ts";
import { aggregatorConfigSchema, type AggregatorConfig, type AggregatorSettings } from "./config.ts";
import { describeAggregator } from "./description.ts";
import { Evidence } from "./evidence.ts";
import { Intake } from "./intake.ts";
import { Merger } from "./merger.ts";
import { aggregatorProfile } from "./profile.ts";
import { Relay } from "./relay.ts";

/** How an aggregator in this process is started. */
export interface StartOptions {
  readonly log?: Logger;
  readonly signal?: AbortSignal;
}

/** What an aggregator says of itself once it has caught up with the chain. */
export interface Ready {
  readonly peerId: string;
  readonly multiaddrs: readonly string[];
  /** Null while nobody has registered its operator account. */
  readonly node: number | null;
}

/** An aggregator at work. */
export interface RunningAggregator {
  readonly ready: Promise<Ready>;
  /** Resolves when it has been stopped, rejects when it cannot go on. */
  readonly done: Promise<void>;
  /** The profile that the owner publishes for it. */
  readonly profile: Uint8Array;
  /** Ends it in an orderly way. Stopping twice is no error. */
  stop(): Promise<void>;
}

/**
 * Starts an aggregator: opens its data directory, content store and chain, and works until it is stopped.
 * @throws {InfernetError} `config_invalid`, `data_dir_locked`, `key_in_use`, `keystore_invalid`, `chain_unreachable` and the like
 */
export async function startAggregator(settings: AggregatorSettings | AggregatorConfig, { log: given, signal }: StartOptions = {}): Promise<RunningAggregator> {
  const config = parseSettings(aggregatorConfigSchema, settings);
  const { dataDir } = config;
  const deployment = parseDeployment(readJsonFile("deployment", config.deployment));
  const log = given ?? createLogger({ name: "aggregator", level: config.logLevel, ...(config.logFile === undefined ? {} : { file: config.logFile }) });
  const ended = new AbortController();
  const both = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);

  await using starting = new AsyncDisposableStack();
  starting.use(lockDirectory(dataDir));
  const monitor = new NodeMonitor({ role: "aggregator", dataDir, settings: config, log });
  starting.use(await monitor.serve());
  const journal = starting.use(new Journal(join(dataDir, "journal.sqlite")));
  const signer = await operatorKey(config, deployment.chainId);
  const openPort = async (key: typeof signer) => {
    starting.use(await lockAccount(signingScope(deployment.chainId, config.rpcUrl[0]!), key.address));
    return starting.adopt(await createEvmPort({ rpc: config.rpcUrl, deployment, signer: key, journal, log, observer: monitor.metrics.observer }), (port) => port.close());
  };
  const port = await openPort(signer);
  const topic = announcementsTopic(realmOf(port.chain, deployment.jobs));
  const discovered = { bootstrap: config.bootstrap, relay: config.relay, topic };
  const counted = monitor.enabled ? { metrics: monitor.metrics.registry } : {};
  const content = await openNodeContent({ directory: join(dataDir, "content"), listen: config.listen, announce: config.announce, discovery: discovered, ...counted, kuboRpcUrl: config.kuboRpcUrl, namespace: `aggregator-${signer.address}` });
  const { store, host } = starting.adopt(content, (it) => it.stop());

  const profile = profileDocument.encode(aggregatorProfile(content));
  writeProfile(dataDir, profile);
  const ownerPort = config.ownerKeyFile === undefined ? null : await openPort(loadDevelopmentKey(config.ownerKeyFile, BigInt(deployment.chainId)));
  if (ownerPort !== null) await registerNode({ port: ownerPort, operator: signer.address, profile, stake: config.stake });

  const ready = Promise.withResolvers<Ready>();
  let live = false;
  const onLive = (node: NodeEntry | null) => {
    if (live) return;
    live = true;
    void keepProfile(ownerPort, node, profile, log).then(() => ready.resolve({ peerId: content.host.peerId.toString(), multiaddrs: content.hostAddresses(), node: node?.node ?? null }));
  };
  const directory = new Directory();
  const relay = new Relay(store, journal);
  const fetchTimeoutMs = 1000 * config.fetchTimeoutSeconds;
  const { metrics } = monitor;
  const collector: Collector = new Collector({ store, relay, directory, log, metrics, signal: both, fetchTimeoutMs, onArrival: () => loop.reconcile() });
  const parts = { collector, relay, evidence: new Evidence(store, collector, log), merger: new Merger({ store, relay, collector, log, metrics }) };
  const drain = new Drain(dataDir);
  const intake: Intake = new Intake({
    port,
    store,
    relay,
    log,
    metrics,
    draining: () => drain.wanted,
    policy: { feeBps: config.feeBps, pools: config.pools, tokens: config.tokens, maxItems: config.maxItems },
    limits: { moduleBytes: config.maxModuleBytes, shardBytes: config.maxShardBytes, inputBytes: config.maxInputBytes },
    quoteSeconds: config.quoteSeconds,
    fetchTimeoutMs,
    parallel: config.parallelQuotes,
    node: () => loop.node?.node ?? null,
    results: (job) => loop.results(job),
  });
  const loop: ChainLoop = new ChainLoop({ port, directory, log, onStep: monitor.apply, signal: both, keepSeconds: config.keepSeconds, parts, onOpened: ({ terms }) => intake.opened(terms.manifest, terms.nonce), onLive });
  monitor.watch({ port, store, node: () => loop.node, counts: () => loop.counts(), draining: () => drain.wanted });
  starting.adopt(await createDirect(host).serve(intakeProtocol, intake.handle), (unserve) => unserve());

  const describe = () => {
    const node = loop.node?.node;
    return node === undefined ? null : describeAggregator({ node, config, atWork: intake.atWork, draining: drain.wanted });
  };
  const peerOf = (node: number) => directory.node(node)?.profile?.peerId;
  const discovery = starting.adopt(await startDiscovery({ host, port, journal, describe, peerOf, log }), (it) => it.stop());
  ready.promise.then(() => discovery.changed(), () => {});

  const opened = starting.move();
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= opened.disposeAsync());
  const done = loop.run().finally(async () => {
    ended.abort();
    await close();
  });
  done.then(() => ready.reject(new InfernetError("aborted", "the aggregator was stopped before it had caught up")), ready.reject);
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
