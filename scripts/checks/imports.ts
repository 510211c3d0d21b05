import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";

/** One import statement of one file. */
export interface Import {
  /** Path of the importing file from the repository root. */
  readonly file: string;
  /** Imported file of the repository (as a path), or package with its subpath. */
  readonly target: string;
}

/** The repository's own packages by name. */
const PACKAGES: Readonly<Record<string, string>> = {
  "@infernet/sdk": "sdk/src",
  "@infernet/provider-node": "provider-node/src",
  "@infernet/aggregator-node": "aggregator-node/src",
  "@infernet/cli": "cli/src",
};

const STATEMENTS = [
  /^\s*(?:import|export)\s[^"'`;]*?\bfrom\s*["']([^"']+)["']/gm,
  /^\s*import\s*["']([^"']+)["']/gm,
  /\bimport\(\s*["']([^"']+)["']\s*\)/g,
  /\brequire(?:\.resolve)?\(\s*["']([^"']+)["']\s*\)/g,
];

/** TypeScript files of the repository, committed or about to be. */
export function sourceFiles(root: string): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.ts"], { cwd: root, encoding: "utf8" });
  const gone = execFileSync("git", ["ls-files", "-z", "--deleted", "--", "*.ts"], { cwd: root, encoding: "utf8" }).split("\0");
  return [...new Set(listed.split("\0"))].filter((file) => file !== "" && !gone.includes(file));
}

/** All imports of the given files. */
export function readImports(root: string, files: readonly string[]): Import[] {
  return files.flatMap((file) => importsOf(file, readFileSync(join(root, file), "utf8")));
}

/** Imports of one file. */
export function importsOf(file: string, source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "");
  const specifiers = STATEMENTS.flatMap((statement) => [...code.matchAll(statement)].map((match) => match[1]!));
  return specifiers.map((specifier) => ({ file, target: resolve(file, specifier) }));
}

function resolve(file: string, specifier: string): string {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(file), specifier);
  const own = Object.keys(PACKAGES).find((name) => specifier === name || specifier.startsWith(`${name}/`));
  return own === undefined ? specifier : posix.join(PACKAGES[own]!, specifier.slice(own.length) || "index.ts");
}

/** Name of the package that a target belongs to; undefined for files of the repository and for Node's own modules. */
export function packageOf({ target }: Import): string | undefined {
  if (isBuiltin(target) || isOwn(target)) return undefined;
  return target.split("/").slice(0, target.startsWith("@") ? 2 : 1).join("/");
}

const TOP = /^(sdk|provider-node|aggregator-node|cli|dashboard|subgraph|scripts|bench|test|workloads|contracts|programs|ignition)\//;

/** Whether a target is a file of the repository. */
export function isOwn(target: string): boolean {
  return TOP.test(target) || target === "hardhat.config.ts" || target.startsWith("../");
}

/** Whether a file is a test or exists for tests only; such files may use more libraries. */
export function isTest(file: string): boolean {
  return /\.test\.ts$|(?:^|\/)testing\/|(?:^|\/)compliance\.ts$|^test\/|\/test\//.test(file);
}
