import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { InfernetError } from "../core/index.ts";
import type { Readiness } from "./readiness.ts";

/** What a monitor shows. */
export interface MonitorPages {
  /** For load balancers and `doctor`: may this node be given work? */
  readiness(): Promise<Readiness>;
  /** In the text format of Prometheus. */
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}

export interface MonitorServer extends AsyncDisposable {
  readonly url: string;
}

/** Only this machine: what a node earns and where it is weak is nobody else's business. A proxy adds access control. */
const HOST = "127.0.0.1";
const MAX_HEADER_BYTES = 8192;

/**
 * Serves `/healthz` (the process answers), `/readyz` (it can do its work; 503 when not, with reasons) and `/metrics`.
 * @param port - 0 = any free one
 * @throws {InfernetError} `config_invalid` when the port is taken
 */
export async function serveMonitor(port: number, pages: MonitorPages): Promise<MonitorServer> {
  const routes: Readonly<Record<string, (response: ServerResponse) => void | Promise<void>>> = {
    "/healthz": (response) => void response.end("ok\n"),
    "/readyz": async (response) => {
      const readiness = await pages.readiness();
      response.writeHead(readiness.ready ? 200 : 503, { "content-type": "application/json" }).end(`${JSON.stringify(readiness)}\n`);
    },
    "/metrics": async (response) => {
      const { type, text } = await pages.metrics();
      response.writeHead(200, { "content-type": type }).end(text);
    },
  };
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 10_000 }, (request, response) => {
    const route = routes[(request.url ?? "").split("?")[0]!];
    if (route === undefined) return void response.writeHead(404).end("/healthz, /readyz or /metrics\n");
    if (request.method !== "GET" && request.method !== "HEAD") return void response.writeHead(405, { allow: "GET, HEAD" }).end();
    (async () => route(response))().catch((error: unknown) => void (response.headersSent ? response.destroy() : response.writeHead(500).end(`${(error as Error).message}\n`)));
  });
  try {
    server.listen(port, HOST);
    await once(server, "listening");
  } catch (cause) {
    throw new InfernetError("config_invalid", `metricsPort: cannot listen on ${HOST}:${port}: ${(cause as Error).message}`, { cause, hint: "Choose another port with --metrics-port, or 0 for none." });
  }
  server.unref();
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
