import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { PROVIDER } from "../commands/provider.ts";
import { ROOT } from "../process/root.ts";
import type { NodeSettings } from "./role.ts";
import { installService, unitText } from "./service.ts";
import type { NodeHome } from "./session.ts";

describe("the service", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "infernet-unit-"));
    mkdirSync(join(directory, "my data"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const home = (): NodeHome => ({ role: PROVIDER, settings: { dataDir: join(directory, "my data") } as NodeSettings, configFile: join(directory, "a%b c.jsonc") });
  const options = (more: object = {}) => ({ user: false, runAs: "infernet", directory, force: false, ...more });
  const entries = (text: string) => new Map(text.split("\n").flatMap((line) => /^([A-Za-z]+)=(.*)$/.exec(line)?.slice(1, 3) as [string, string] | undefined ?? []).reduce<[string, string][]>((all, part, i, list) => (i % 2 === 0 ? [...all, [part, list[i + 1]!]] : all), []));

  it("starts this program with these settings, ends it as the daemon wants, and starts it again unless settings are wrong", () => {
    const unit = entries(unitText(home(), options()));
    expect(unit.get("ExecStart")).to.equal(`${process.execPath} --disable-warning=ExperimentalWarning ${join(ROOT, "cli/src/main.ts")} provider start --config "${directory}/a%%b c.jsonc"`);
    expect(Object.fromEntries(unit)).to.include({ User: "infernet", KillSignal: "SIGTERM", Restart: "always", RestartPreventExitStatus: "2", ProtectSystem: "strict", ReadWritePaths: `"${directory}/my data"`, WantedBy: "multi-user.target" });
    // What these forbid, the sandbox of modules needs.
    for (const needed of ["MemoryDenyWriteExecute", "RestrictNamespaces", "SystemCallFilter", "PrivateUsers"]) expect(unit.has(needed), needed).to.equal(false);
    const own = entries(unitText(home(), { user: true, runAs: "x" }));
    expect([own.has("User"), own.has("ProtectSystem"), own.get("WantedBy")]).to.deep.equal([false, false, "default.target"]);
  });

  it("is written once, and replaced only when told to", () => {
    const file = installService(home(), options());
    expect(file).to.equal(join(directory, "infernet-provider.service"));
    expect(() => installService(home(), options())).to.throw(/exists already/).with.property("code", "config_invalid");
    expect(installService(home(), options({ force: true, runAs: "other" }))).to.equal(file);
    expect(readFileSync(file, "utf8")).to.contain("User=other");
    expect(() => installService(home(), options({ directory: `${file}/below` }))).to.throw(/cannot write/).with.property("hint").that.contains("--user");
  });

  it("is a unit that systemd understands, where there is one to ask, and of sections and entries in any case", () => {
    const file = installService(home(), options({ runAs: "root" }));
    for (const line of readFileSync(file, "utf8").split("\n")) expect(line).to.match(/^(|#.*|\[(Unit|Service|Install)\]|[A-Z][A-Za-z]+=.+)$/);
    const { error, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
    if (error === undefined) expect(stderr.split("\n").filter((line) => line.includes("infernet-provider"))).to.deep.equal([]);
    expect(existsSync(file)).to.equal(true);
  });
});
