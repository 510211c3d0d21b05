/**
 * Runs a module by hand: items on stdin, results on stdout, exit code of the module.
 *
 *     node workloads/testing/run-cli.ts MODULE.wasm [MODEL_FILE…] < items.jsonl
 */
import { readFileSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { compileModule, readModelFile, runModule } from "./run-module.ts";

const [modulePath, ...modelPaths] = process.argv.slice(2);
if (modulePath === undefined) throw new Error("which module? node workloads/testing/run-cli.ts MODULE.wasm [MODEL_FILE…]");
const model = new Map(modelPaths.map((path) => [basename(path), readModelFile(path)] as const));
const { code, stdout, stderr } = runModule(compileModule(modulePath), model, readFileSync(0));
for (let at = 0; at < stdout.length; ) at += writeSync(1, stdout, at);
process.stderr.write(stderr);
process.exitCode = code;
