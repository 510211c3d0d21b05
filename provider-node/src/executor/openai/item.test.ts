import { expect } from "chai";
import { encodeVector, utf8 } from "@infernet/sdk/core";
import { questionOf } from "./item.ts";
import type { Service } from "./service.ts";

const EMBEDDINGS: Service = { model: { name: "m" }, endpoint: "/v1/embeddings", sampling: { temperature: 0, seed: 3 } };
const CHAT: Service = { ...EMBEDDINGS, endpoint: "/v1/chat/completions" };
const question = (item: unknown, service = EMBEDDINGS) => questionOf(utf8(typeof item === "string" ? item : JSON.stringify(item)), service, 10);
const request = (url: string, body: object, rest: object = {}) => ({ method: "POST", url, body, ...rest });
const chat = (body: object = {}) => question(request("/v1/chat/completions", { messages: [{ role: "user", content: "q" }], ...body }), CHAT)!;
/** As it would be sent: without what is undefined. */
const sent = ({ body }: { body: object }) => JSON.parse(JSON.stringify(body)) as unknown;

describe("requests to a served model", () => {
  it("asks for floats, whatever the item wants to have", () => {
    expect(sent(question({ text: "t" })!)).to.deep.equal({ model: "m", input: "t", encoding_format: "float" });
    const list = question(request("/v1/embeddings", { model: "m", input: ["a", "b"], encoding_format: "base64", user: "u" }, { custom_id: "c" }))!;
    expect(sent(list)).to.deep.equal({ model: "m", input: ["a", "b"], encoding_format: "float" });
  });

  it("gives vectors in the order of the texts, as float32, in the encoding that was asked for", () => {
    const answer = { object: "list", data: [{ index: 1, embedding: [1, -0] }, { index: 0, embedding: [0.1, 1e-60] }], usage: { prompt_tokens: 5, total_tokens: 5 } };
    const body = { input: ["a", "b"] };
    const read = (more: object) => JSON.stringify(question(request("/v1/embeddings", { ...body, ...more }))!.read(answer));
    expect(read({})).to.equal('{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10000000149011612,0]},{"object":"embedding","index":1,"embedding":[1,0]}],"model":"m","usage":{"prompt_tokens":5,"total_tokens":5}}');
    expect(JSON.parse(read({ encoding_format: "base64" }))).to.have.nested.property("data[0].embedding", encodeVector(Float32Array.of(0.1, 1e-60)));
  });

  it("holds completions to the smallest limit, and to the seed of the request before that of the job", () => {
    expect(sent(chat())).to.deep.include({ max_tokens: 10, seed: 3, temperature: 0, stream: false });
    expect(sent(chat({ max_tokens: 4, max_completion_tokens: 5, seed: 9 }))).to.deep.include({ max_tokens: 4, seed: 9 });
    expect(sent(chat({ max_completion_tokens: 5 }))).to.deep.include({ max_tokens: 5 }).and.not.have.property("max_completion_tokens");
    expect(sent(chat({ max_tokens: 99, response_format: { type: "json_object" }, presence_penalty: 1 }))).to.deep.include({ max_tokens: 10, response_format: { type: "json_object" }, presence_penalty: 1 });
  });

  it("gives completions that were cut, or that say nothing, as they are", () => {
    const answer = (content: string | null, finish_reason: string) => ({ choices: [{ index: 0, message: { role: "assistant", content }, finish_reason }], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 99 } });
    expect(chat().read(answer(null, "length"))).to.deep.equal({ object: "chat.completion", model: "m", choices: [{ index: 0, message: { role: "assistant", content: null }, finish_reason: "length" }], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } });
    for (const reason of ["abort", "tool_calls", "error", ""]) expect(() => chat().read(answer("x", reason))).to.throw();
  });

  const bad: [string, unknown, Service?][] = [
    ["no JSON", "{"],
    ["bytes that are no object", "7"],
    ["a text for a job of completions", { text: "t" }, CHAT],
    ["a text with more", { text: "t", model: "m" }],
    ["another endpoint of the API", request("/v1/chat/completions", { messages: [{ role: "user", content: "q" }] })],
    ["another model", request("/v1/embeddings", { model: "other", input: "t" })],
    ["another method", { ...request("/v1/embeddings", { input: "t" }), method: "DELETE" }],
    ["token ids", request("/v1/embeddings", { input: [1, 2] })],
    ["a key that only some servers know", request("/v1/embeddings", { input: "t", truncate_prompt_tokens: 1 })],
    ["no messages", request("/v1/chat/completions", { messages: [] }), CHAT],
    ["a role of tools", request("/v1/chat/completions", { messages: [{ role: "tool", content: "q" }] }), CHAT],
    ["a picture", request("/v1/chat/completions", { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "file:///etc/passwd" } }] }] }), CHAT],
  ];
  for (const [what, item, service] of bad) it(`does not ask with ${what}`, () => expect(question(item, service)).to.equal(undefined));
});
