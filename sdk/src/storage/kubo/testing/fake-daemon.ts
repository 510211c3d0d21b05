import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers one call of the RPC. */
export type Answer = (response: ServerResponse, query: URLSearchParams, request: IncomingMessage) => void;

/** Something that answers like the RPC of a Kubo daemon, or unlike it. For tests. */
export interface FakeDaemon {
  readonly rpcUrl: string;
  /** Calls that came in: path under /api/v0/. */
  readonly calls: string[];
  /** Answers by path; what has none is refused as Kubo does it. */
  readonly answers: Record<string, Answer>;
  stop(): Promise<void>;
}

/** An answer in JSON. */
export const json = (value: unknown, status = 200): Answer => (response, _query, request) => {
  request.resume().on("end", () => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value)));
};

/** Kubo's way of saying no. */
export const failure = (message: string): Answer => json({ Message: message, Code: 0, Type: "error" }, 500);

/** Starts it on a free port of loopback, in a state in which a store can be opened over it. */
export async function startFakeDaemon(): Promise<FakeDaemon> {
  const calls: string[] = [];
  const answers: Record<string, Answer> = {
    id: json({ ID: "12D3KooWGzBj5yyFsSuyhDh2EYXTyJ5Mkj8xLq8gpnmCGGdaYyRQ", Addresses: ["/ip4/127.0.0.1/tcp/4001", "/ip4/127.0.0.1/udp/4001/quic-v1", "/dns4/example.org/tcp/4001/p2p/12D3KooWGzBj5yyFsSuyhDh2EYXTyJ5Mkj8xLq8gpnmCGGdaYyRQ", "/ip4/127.0.0.1/tcp/4002/ws"] }),
    config: json({ Key: "Internal.Bitswap.BroadcastControl.Enable", Value: false }),
    "swarm/peers": json({ Peers: [] }),
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url!, "http://localhost");
    const call = url.pathname.replace("/api/v0/", "");
    calls.push(call);
    response.on("error", () => {});
    (answers[call] ?? failure(`no ${call}`))(response, url.searchParams, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answers,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
