import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { InfernetError } from "@infernet/sdk/core";
import { ROOT, SELF } from "../process/root.ts";
import type { NodeHome } from "./session.ts";

/** How a node becomes a service of systemd. */
export interface ServiceOptions {
  /** Of the user who calls, instead of the machine. */
  readonly user: boolean;
  /** Account that the service runs as; default: the user who calls. Only for the machine. */
  readonly runAs: string;
  readonly directory?: string | undefined;
  /** Replaces a unit that is there. */
  readonly force: boolean;
}

export function unitName(role: string): string {
  return `infernet-${role}.service`;
}

/**
 * The unit of a node. It may read the machine and write its own directory. Not restricted are what the sandbox of
 * modules itself needs: namespaces, and memory that the compiler of WebAssembly makes executable.
 */
export function unitText({ role, settings, configFile }: NodeHome, { user, runAs }: Pick<ServiceOptions, "user" | "runAs">): string {
  const command = [process.execPath, ...SELF, role.name, "start", "--config", resolve(configFile)];
  return `[Unit]
Description=Infernet ${role.name}
Documentation=file://${join(ROOT, "docs/OPERATORS.md")}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
${user ? "" : `User=${runAs}\n`}ExecStart=${command.map(quote).join(" ")}
WorkingDirectory=${quote(ROOT)}
# An orderly end takes up to ten seconds; kill -9 would be safe too.
KillSignal=SIGTERM
KillMode=mixed
TimeoutStopSec=30
Restart=always
RestartSec=5
# 2 = wrong settings: trying again does not mend them.
RestartPreventExitStatus=2
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
${user ? "" : `ProtectSystem=strict
ReadWritePaths=${quote(resolve(settings.dataDir))}${settings.logFile === undefined ? "" : ` ${quote(resolve(settings.logFile, ".."))}`}
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
`}
[Install]
WantedBy=${user ? "default.target" : "multi-user.target"}
`;
}

/** Writes the unit. @throws {InfernetError} `config_invalid` when it is there, or cannot be written */
export function installService(home: NodeHome, options: ServiceOptions): string {
  const directory = options.directory ?? (options.user ? join(homedir(), ".config/systemd/user") : "/etc/systemd/system");
  const file = join(directory, unitName(home.role.name));
  if (existsSync(file) && !options.force) throw new InfernetError("config_invalid", `${file} exists already`, { hint: "Replace it with --force, or look at the new one with --print." });
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, unitText(home, options));
  } catch (cause) {
    throw new InfernetError("config_invalid", `cannot write ${file}: ${(cause as Error).message}`, { cause, hint: "Run it as root, or with --user, or show the unit with --print." });
  }
  return file;
}

/** A word of a unit file: systemd splits at spaces and replaces %. */
function quote(word: string): string {
  const escaped = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%");
  return /\s/.test(escaped) ? `"${escaped}"` : escaped;
}
