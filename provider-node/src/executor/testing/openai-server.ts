// A server that speaks as much of OpenAI's API as the tests need, in a process of its own. Its parent can ask it what it was asked.
import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { honestAnswer, MISCHIEF, reply, type Asked } from "./openai-answers.ts";

/** How a server behaves. */
export interface ServerSettings {
  readonly models: readonly string[];
  readonly apiKey?: string;
  /** What goes wrong when it is asked for its models. */
  readonly listing?: string;
  /** A path at which it refuses everything. */
  readonly refuses?: string;
}

/** A request that the server has got. */
export interface ServerRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

const { models, apiKey, listing, refuses } = JSON.parse(process.argv[2]!) as ServerSettings;
const [requests, events]: [ServerRequest[], EventEmitter] = [[], new EventEmitter()];

/** What the tests ask of it beside its service. */
const BACKSTAGE: Readonly<Record<string, (wanted: string) => Promise<unknown>>> = {
  "/test/requests": async () => requests,
  "/test/forget": async () => requests.splice(0),
  "/test/asked": async (wanted) => {
    while (!requests.some(({ body }) => JSON.stringify(body).includes(wanted))) await once(events, "request");
  },
};

const server = createServer((request, response) => {
  void (async () => {
    const { method = "", url: path = "", headers } = request;
    const sent = await text(request);
    if (path in BACKSTAGE) return reply(response, 200, (await BACKSTAGE[path]!(sent)) ?? null);
    const asked = understand(request, sent);
    requests.push({ method, path, authorization: headers.authorization, body: asked.body });
    events.emit("request");
    if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`) return reply(response, 401, { error: { message: `wrong key ${headers.authorization}` } });
    if (method === "GET" && path === "/v1/models") return listing === undefined ? reply(response, 200, { object: "list", data: models.map((id) => ({ id, object: "model" })) }) : MISCHIEF[listing]!(response, asked, request);
    if (path === refuses) return reply(response, 400, { error: { message: "no chat template" } });
    const mischief = MISCHIEF[/#(\w+)/.exec(asked.texts[0] ?? "")?.[1] ?? ""];
    return mischief === undefined ? reply(response, 200, honestAnswer(asked)) : mischief(response, asked, request);
  })();
});
server.listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());

function understand(request: IncomingMessage, sent: string): Asked {
  const body = (sent === "" ? {} : JSON.parse(sent)) as Asked["body"] & { input?: string | string[]; messages?: { content: string }[] };
  const texts = body.input === undefined ? (body.messages ?? []).slice(-1).map(({ content }) => content) : [body.input].flat();
  return { path: request.url ?? "", texts, body };
}
