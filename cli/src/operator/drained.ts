import type { EvmPort } from "@infernet/sdk/chain/evm";
import { sleep } from "@infernet/sdk/node";
import type { NodeHome } from "./session.ts";
import { readStatus } from "./status.ts";

const POLL_MS = 2000;

/** Waits until a node that drains has nothing left to do. @throws {InfernetError} `aborted` */
export async function untilDrained(home: NodeHome, port: EvmPort, signal: AbortSignal, progress: (line: string) => void): Promise<true> {
  for (let said = ""; ; await sleep(POLL_MS, signal)) {
    const { drained, jobs, memberships } = await readStatus(home, port, signal);
    if (drained) return true;
    const busy = memberships.reduce((sum, membership) => sum + membership.busy, 0);
    const text = `waiting: ${jobs.length} jobs, ${busy} slots answer for work`;
    if (text !== said) progress(text);
    said = text;
  }
}
