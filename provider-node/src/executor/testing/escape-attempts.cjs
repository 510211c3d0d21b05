// Runs behind the fence as if the engine had been escaped from: tries everything that a child must
// not be able to do and prints, as JSON, how each attempt ended.
const attempts = {};
const attempt = (name, call) => {
  try {
    attempts[name] = `did it: ${call()}`;
  } catch (error) {
    attempts[name] = error.code ?? error.message;
  }
};
const fs = require("node:fs");
attempt("read a file", () => fs.readFileSync("/etc/passwd").length);
attempt("list a folder", () => fs.readdirSync("/").length);
attempt("stat", () => fs.statSync("/etc/passwd").size);
attempt("read /proc", () => fs.readFileSync("/proc/self/environ").length);
attempt("write", () => fs.writeFileSync("/tmp/infernet-escape", "x"));
attempt("write into its sources", () => fs.writeFileSync(`${process.argv[1]}escape`, "x"));
attempt("delete", () => fs.rmSync(process.argv[1], { recursive: true }));
attempt("link", () => fs.symlinkSync("/etc/passwd", `${process.argv[1]}link`));
attempt("spawn", () => require("node:child_process").spawnSync("/bin/true").status);
attempt("fork", () => require("node:child_process").fork("/dev/null").pid);
attempt("worker", () => new (require("node:worker_threads").Worker)("1", { eval: true }).threadId);
attempt("wasi", () => new (require("node:wasi").WASI)({ version: "preview1", preopens: { "/": "/" } }));
attempt("addon", () => process.dlopen({ exports: {} }, "/lib/x86_64-linux-gnu/libc.so.6"));
attempt("binding", () => process.binding("spawn_sync"));
attempt("inspector", () => require("node:inspector").open(0));
attempt("eval", () => globalThis.eval("1 + 1"));
attempt("environment", () => {
  if (Object.keys(process.env).length === 0) throw new Error("empty");
  return Object.keys(process.env);
});
attempt("memory", () => new WebAssembly.Memory({ initial: 1 }).grow(64));
const socket = require("node:net").connect(Number(process.argv[2]), "127.0.0.1");
const report = (network) => console.log(JSON.stringify({ attempts, network, uid: process.getuid?.() }));
socket.once("error", (error) => report(error.code));
socket.once("connect", () => (socket.destroy(), report("connected")));
