/**
 * Builds the WebAssembly modules from their C sources, byte for byte the same on every machine that has
 * the pinned compiler. `node workloads/build.ts` writes them; tests compare them with {@link buildModule}.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { requireCompiler } from "./compiler.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

/** One module: its sources and the file that is committed, relative to this folder. */
export interface Target {
  readonly output: string;
  readonly sources: readonly string[];
  /** Flags beside the common ones. */
  readonly flags?: readonly string[];
}

const COMMON_FLAGS = [
  "--target=wasm32-unknown-unknown", "-std=c11", "-O3", "-nostdlib", "-ffreestanding",
  // Strict arithmetic: no contraction, no reassociation; and no features beyond those every WebAssembly engine has.
  "-ffp-contract=off", "-fno-fast-math", "-mcpu=mvp",
  "-msimd128", "-mbulk-memory", "-msign-ext", "-mnontrapping-fptoint", "-mmutable-globals",
  // Instructions in source order: fewer live values than LLVM's default order, so the matrix products do not spill.
  "-mllvm", "-pre-RA-sched=source",
  // Nothing about the machine enters the file.
  "-fno-ident", "-g0", "-Wl,--strip-all", "-Wl,--export=_start", "-Wl,-z,stack-size=65536", "-Wl,--stack-first",
  "-Wall", "-Wextra", "-Werror",
];

const io = ["common/lines.c", "common/output.c"];
const text = ["common/json.c", "common/base64.c", "common/model.c"];
const tokenizer = ["tokenizer", "wordpiece", "unicode_table"].map((name) => `minilm/${name}.c`);
const encoder = ["main", "embedding", "encoder", "layers", "attention"].map((name) => `minilm/${name}.c`);

const hostile = readdirSync(join(root, "hostile")).filter((name) => name.endsWith(".c")).sort();

/** Every module of this folder. */
export const targets: readonly Target[] = [
  { output: "digits/digits.wasm", sources: ["digits/digits.c", ...io, ...text] },
  { output: "minilm/minilm.wasm", sources: [...encoder, ...tokenizer, ...io, ...text] },
  { output: "minilm/testing/tokenize.wasm", sources: ["minilm/testing/tokenize.c", ...tokenizer, ...io, ...text] },
  ...hostile.map((name) => ({
    output: `hostile/${basename(name, ".c")}.wasm`,
    sources: [`hostile/${name}`, ...io],
  })),
];

/**
 * Compiles one target with the pinned compiler.
 *
 * @returns the bytes of the module; nothing is written beside a temporary folder
 * @throws Error when the pinned compiler is missing or the sources do not compile
 */
export function buildModule(target: Target): Buffer {
  const clang = requireCompiler();
  const folder = mkdtempSync(join(tmpdir(), "infernet-wasm-"));
  try {
    const output = join(folder, "module.wasm");
    execFileSync(clang, [...COMMON_FLAGS, ...(target.flags ?? []), ...target.sources, "-o", output], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  for (const target of targets) {
    if (wanted.length > 0 && !wanted.some((name) => target.output.includes(name))) continue;
    const bytes = buildModule(target);
    writeFileSync(join(root, target.output), bytes);
    console.log(`${target.output} ${bytes.length} bytes`);
  }
}
