/** Installs podman and docker where they are missing, then runs the tests that need it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { requireEngines } from "./install.ts";

requireEngines(console.log);
const mocha = join(import.meta.dirname, "../../node_modules/mocha/bin/mocha.js");
const child = spawn(process.execPath, [mocha, "--forbid-only", "--forbid-pending", "--reporter", "dot", ...process.argv.slice(2)], { stdio: "inherit" });
child.on("exit", (code) => process.exit(code ?? 1));
