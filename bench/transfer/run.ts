/**
 * How fast the result of a shard goes from one process to another over loopback, beside a plain web server.
 *
 *   node bench/transfer/run.ts [--bytes N] [--rounds N] [--report FILE]
 *
 * Every pair of peers takes its turn in every round, with content that nobody had before. What arrives is held against its
 * digest by the stores, not by the web server's client.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { KINDS, type Kind, type Order, type Place } from "./orders.ts";

const { values } = parseArgs({ options: { bytes: { type: "string", default: String(16 << 20) }, rounds: { type: "string", default: "4" }, report: { type: "string" } } });
const [bytes, rounds] = [Number(values.bytes), Number(values.rounds)];
const PAIRS: readonly (readonly [from: Kind, to: Kind])[] = [["http", "http"], ["helia", "helia"], ["kubo", "helia"], ["helia", "kubo"], ["kubo", "kubo"]];

async function ask<T>(peer: ChildProcess, order: Order): Promise<T> {
  peer.send(order);
  const [answer] = (await once(peer, "message")) as [T & { error?: string }];
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

const folder = mkdtempSync(join(tmpdir(), "infernet-bench-"));
const peers = new Map<string, ChildProcess>();
const seconds = new Map(PAIRS.map((pair) => [pair.join(" → "), 0]));
try {
  for (const side of ["from", "to"] as const)
    for (const kind of KINDS) {
      const peer = fork(join(import.meta.dirname, "peer.ts"), [kind, join(folder, `${side}-${kind}`)]);
      peers.set(`${side} ${kind}`, peer);
      await once(peer, "message");
    }
  // The first round warms everybody up and does not count.
  for (let round = 0; round <= rounds; round++)
    for (const [from, to] of PAIRS) {
      const pair = `${from} → ${to}`;
      const place = await ask<Place>(peers.get(`from ${from}`)!, { do: "hold", label: `${round} ${pair}`, bytes });
      const took = await ask<{ seconds: number }>(peers.get(`to ${to}`)!, { do: "fetch", place, bytes });
      if (round > 0) seconds.set(pair, seconds.get(pair)! + took.seconds);
    }
} finally {
  for (const peer of peers.values()) {
    const ended = once(peer, "exit");
    peer.disconnect();
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}

const speeds = Object.fromEntries([...seconds].map(([pair, total]) => [pair, (bytes * rounds) / total / 1e6]));
for (const [pair, speed] of Object.entries(speeds)) console.log(`${pair.padEnd(14)} ${speed.toFixed(1)} MB/s`);
if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(speeds, null, 2)}\n`);
