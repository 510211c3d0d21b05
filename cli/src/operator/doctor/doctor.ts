import type { Digest } from "@infernet/sdk/core";
import { findDaemon } from "../daemon.ts";
import type { NodeRole } from "../role.ts";
import { openHome, openReader, operatorAddress, type NodeHome } from "../session.ts";
import { scanNode } from "../scan.ts";
import { chainFindings } from "./chain.ts";
import { check, failed, ok, skipped, type Finding } from "./finding.ts";
import { disk, gpu, key, listening, nodeVersion } from "./host.ts";
import { containers, models, sandbox, served } from "./provider.ts";

/** Looks at everything that a node needs, in the order in which it has to be mended. Never throws. */
export async function examine(role: NodeRole, config: string | undefined, signal: AbortSignal): Promise<Finding[]> {
  const findings = [await check("node.js", () => nodeVersion())];
  let home: NodeHome | undefined;
  findings.push(
    await check("config", async () => {
      home = await openHome(role, config);
      return ok(home.configFile);
    }),
  );
  if (home === undefined) return findings;
  const { settings } = home;
  const daemon = await findDaemon(settings);
  findings.push(await check("key", () => key(settings)));
  findings.push(...(await chainFindings(home, signal)));
  findings.push(await check("disk", () => disk(settings)));
  findings.push(await check("p2p", () => listening(settings, daemon)));
  if (role.name === "provider") {
    const published = await publishedModels(home, signal);
    findings.push(await check("models", () => models(settings, published)));
    findings.push(await check("sandbox", () => sandbox(settings)));
    findings.push(await check("containers", () => containers(settings)));
    findings.push(await check("served models", () => served(settings)));
    findings.push(await check("gpu", () => gpu()));
  }
  findings.push(
    await check("process", () => {
      if (!daemon.running) return skipped("not running");
      if (daemon.readiness === null) return ok(`runs as ${daemon.pid}`);
      const wrong = Object.entries(daemon.readiness.checks).filter(([, result]) => !result.ok);
      if (wrong.length === 0) return ok(`runs as ${daemon.pid} and is ready`);
      return failed(wrong.map(([name, { detail }]) => `${name}: ${detail}`).join("; "), "Read its log; catching up with the chain takes a while after a start.");
    }),
  );
  return findings;
}

/** Models that the node's profile promises; none where the chain cannot be asked, which another check says. */
async function publishedModels({ settings }: NodeHome, signal: AbortSignal): Promise<readonly Digest[]> {
  try {
    const port = await openReader(settings);
    try {
      return (await scanNode(port, operatorAddress(settings), signal))?.node.profile?.models ?? [];
    } finally {
      await port.close();
    }
  } catch {
    return [];
  }
}
