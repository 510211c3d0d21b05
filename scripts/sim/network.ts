import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrapPeer } from "../../cli/src/demo/bootstrap-peer.ts";
import type { PlannedNode } from "../../cli/src/demo/nodes.ts";
import { freePort } from "../../sdk/src/node/index.ts";
import { TestNetwork } from "../../test/system/network.ts";
import { requireKubo } from "../kubo/build.ts";
import { startKubo } from "../kubo/daemon.ts";
import type { Kind } from "./kinds.ts";
import { Toxiproxy, type Link } from "./toxiproxy.ts";

const LISTENS_NOWHERE = ["/p2p-circuit"];

/** A network of unlike nodes, each of which is told one peer and nothing else. */
export class SimNetwork extends TestNetwork {
  /** Links that are cut in the midst of a job. */
  readonly cuttable: Link[] = [];
  /** Node ids of those who may fail without a fault of the protocol. */
  readonly excused = new Set<number>();
  /** The peer that everybody begins with. */
  bootstrap = "";
  readonly #kinds: readonly Kind[];
  readonly #say: (line: string) => void;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(directory: string, kinds: readonly Kind[], say: (line: string) => void) {
    super(directory, kinds.length);
    this.#kinds = kinds;
    this.#say = say;
  }

  override async open(): Promise<void> {
    await requireKubo(this.#say);
    await this.openChain();
    const first = await bootstrapPeer(join(this.directory, "aggregator"));
    this.bootstrap = first.multiaddr;
    const kubo = await startKubo(join(this.directory, "kubo"));
    const proxy = await Toxiproxy.start(await freePort(), this.#say);
    this.#stops.push(() => kubo.stop(), () => proxy.stop());
    const [aggregator, ...providers] = this.plan(undefined, first);
    for (const [i, planned] of providers.entries()) amend(planned, await this.#settings(this.#kinds[i]!, first.multiaddr, kubo.rpcUrl, proxy));
    await Promise.all([this.#start(aggregator!), ...providers.map((planned, i) => this.#start(planned, this.#kinds[i]))]);
  }

  override async close(): Promise<void> {
    await super.close();
    for (const stop of this.#stops) await stop();
  }

  async #settings({ kubo, nat, link, cut }: Kind, multiaddr: string, kuboRpcUrl: string, proxy: Toxiproxy): Promise<object> {
    let bootstrap = multiaddr;
    if (link !== undefined) {
      const port = /\/tcp\/(\d+)\//.exec(multiaddr)![1]!;
      const poor = await proxy.link(Number(port), ...link);
      bootstrap = multiaddr.replace(`/tcp/${port}/`, `/tcp/${poor.port}/`);
      if (cut) this.cuttable.push(poor);
    }
    return { bootstrap: [bootstrap], ...(kubo && { kuboRpcUrl }), ...(nat && { listen: LISTENS_NOWHERE }) };
  }

  async #start({ name, role }: PlannedNode, kind?: Kind): Promise<void> {
    const begin = performance.now();
    const { node } = await this.startNode(name, role, join(this.directory, `${name}.json`));
    if (kind?.excused) this.excused.add(node);
    this.#say(`${name}${kind === undefined ? "" : ` (${kind.name})`} is node ${node}, ready after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  }
}

function amend({ name, args }: PlannedNode, change: object): void {
  const file = args.at(-1)!;
  if (!file.endsWith(`${name}.json`)) throw new Error(`${file} are not the settings of ${name}`);
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), ...change }));
}
