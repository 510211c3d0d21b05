// A process that holds content and fetches it: from a plain web server, an embedded Helia or a Kubo daemon. For run.ts.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startKubo } from "../../scripts/kubo/daemon.ts";
import { createHeliaStore } from "../../sdk/src/storage/helia/index.ts";
import { createKuboStore } from "../../sdk/src/storage/kubo/index.ts";
import { sampleBytes } from "../../sdk/src/storage/testing/samples.ts";
import type { Digest } from "../../sdk/src/core/index.ts";
import type { Kind, Order, Place } from "./orders.ts";

interface Peer {
  hold(bytes: Uint8Array): Promise<Place>;
  fetch(place: Place): Promise<Uint8Array>;
}

async function webPeer(): Promise<Peer> {
  const held: Uint8Array[] = [];
  const server = createServer((request, response) => void response.end(held[Number(request.url!.slice(1))])).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    hold: async (bytes) => ({ name: String(held.push(bytes) - 1), from: [origin] }),
    fetch: async ({ name, from }) => new Uint8Array(await (await fetch(`${from[0]}/${name}`)).arrayBuffer()),
  };
}

async function storePeer(kind: Exclude<Kind, "http">, directory: string): Promise<Peer> {
  const store = kind === "helia" ? await createHeliaStore({ directory }) : await createKuboStore({ rpcUrl: (await startKubo(directory)).rpcUrl, namespace: "bench" });
  return {
    hold: async (bytes) => ({ name: await store.putFile(bytes), from: store.addresses() }),
    fetch: ({ name, from }) => store.getFile(name as Digest, { from }),
  };
}

const [kind, directory] = process.argv.slice(2) as [Kind, string];
const peer = kind === "http" ? await webPeer() : await storePeer(kind, directory);
process.on("message", (order: Order) => void obey(order).then((answer) => process.send!(answer), (error: Error) => process.send!({ error: error.message })));
process.once("disconnect", () => process.exit());
process.send!("ready");

async function obey(order: Order): Promise<object> {
  if (order.do === "hold") return peer.hold(sampleBytes(order.label, order.bytes));
  const begin = performance.now();
  const { length } = await peer.fetch(order.place);
  if (length !== order.bytes) throw new Error(`${length} bytes arrived instead of ${order.bytes}`);
  return { seconds: (performance.now() - begin) / 1000 };
}
