import { spawn, execFile, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { AbiCoder, id, Wallet, parseEther } from "ethers";
import { Journal } from "@infernet/sdk/node";
import { createEvmPort, type EvmPort } from "@infernet/sdk/chain/evm";

const root = join(import.meta.dirname, "../..");
const ANVIL = join(root, "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
const coder = AbiCoder.defaultAbiCoder();

/** A development chain with the contracts, one block a second. For tests. */
export class Network {
  readonly directory: string = mkdtempSync(join(tmpdir(), "infernet-network-"));
  readonly ports: EvmPort[] = [];
  rpcUrl = "";
  deployment!: { token: string; usdc: string; pool: `0x${string}`; deployerKey: string };
  #anvil!: ChildProcess;
  #journals: Journal[] = [];

  async open(): Promise<this> {
    const port = await freePort();
    this.rpcUrl = `http://127.0.0.1:${port}`;
    this.#anvil = spawn(ANVIL, ["--port", String(port), "--quiet"], { stdio: "ignore" });
    while ((await this.rpc("eth_chainId").catch(() => null)) === null) await new Promise((resolve) => setTimeout(resolve, 50));
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, "scripts/testing/deploy-local.ts"), this.rpcUrl]);
    this.deployment = JSON.parse(stdout) as Network["deployment"];
    writeFileSync(this.deploymentFile, stdout);
    return this;
  }

  get deploymentFile(): string {
    return join(this.directory, "deployment.json");
  }

  /** From now on blocks come by the clock, not with transactions. */
  async startClock(): Promise<void> {
    await this.rpc("evm_setAutomine", [false]);
    await this.rpc("evm_setIntervalMining", [1]);
  }

  /** A key with gas, INFER and test dollars, in a file. */
  async fundedKey(name: string): Promise<{ wallet: Wallet; file: string }> {
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    await this.rpc("anvil_setBalance", [wallet.address, "0xde0b6b3a7640000"]);
    const deployer = new Wallet(this.deployment.deployerKey).address;
    await this.#send(deployer, this.deployment.token, "transfer(address,uint256)", ["address", "uint256"], [wallet.address, parseEther("100000")]);
    await this.#send(deployer, this.deployment.usdc, "mint(address,uint256)", ["address", "uint256"], [wallet.address, 10n ** 12n]);
    const file = join(this.directory, `${name}.key`);
    writeFileSync(file, wallet.privateKey);
    return { wallet, file };
  }

  async portOf(wallet: Wallet, name: string): Promise<EvmPort> {
    const journal = new Journal(join(this.directory, `${name}.sqlite`));
    const port = await createEvmPort({ rpc: this.rpcUrl, deployment: this.deployment, signer: wallet.privateKey, journal });
    this.#journals.push(journal);
    this.ports.push(port);
    return port;
  }

  async rpc(method: string, params: unknown[] = []): Promise<unknown> {
    const response = await fetch(this.rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
    const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async close(): Promise<void> {
    for (const port of this.ports) await port.close();
    for (const journal of this.#journals) journal.close();
    this.#anvil.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #send(from: string, to: string, signature: string, types: string[], args: unknown[]): Promise<void> {
    const data = id(signature).slice(0, 10) + coder.encode(types, args).slice(2);
    const hash = await this.rpc("eth_sendTransaction", [{ from, to, data }]);
    const receipt = (await this.rpc("eth_getTransactionReceipt", [hash])) as { status: string } | null;
    if (receipt?.status !== "0x1") throw new Error(`${signature} failed`);
  }
}

/** A free TCP port on loopback. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
