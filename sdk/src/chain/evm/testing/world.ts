import { Interface, Wallet } from "ethers";
import { sha256, utf8 } from "../../../core/index.ts";
import type { ChainHarness } from "../../testing/harness.ts";
import { createEvmPort, type EvmPort, type EvmPortOptions } from "../port.ts";
import { deployLocal, startAnvil, type Anvil, type LocalDeployment } from "./anvil.ts";
import { MemoryJournal } from "./memory-journal.ts";

const mintable = new Interface(["function mint(address to, uint256 amount)"]);

/** A chain with the contracts on it. */
export interface EvmWorld extends ChainHarness {
  readonly anvil: Anvil;
  readonly deployment: LocalDeployment;
  /** The wallet of a name; the same in every run. */
  wallet(name: string): Wallet;
  port(name: string, options?: Partial<EvmPortOptions>): Promise<EvmPort>;
}

/** Starts a chain and deploys the contracts. */
export async function startWorld(...args: string[]): Promise<EvmWorld> {
  const anvil = await startAnvil(...args);
  const deployment = await deployLocal(anvil.url);
  const wallet = (name: string) => (name === "treasury" ? new Wallet(deployment.deployerKey) : new Wallet(sha256(utf8(`wallet of ${name}`))));
  const ports: EvmPort[] = [];
  const port = async (name: string, options: Partial<EvmPortOptions> = {}) => {
    const signer = wallet(name);
    await anvil.rpc("anvil_setBalance", signer.address, "0x3635c9adc5dea00000");
    const opened = await createEvmPort({ rpc: anvil.url, deployment, signer, journal: new MemoryJournal(), pollMs: 10, ...options });
    ports.push(opened);
    return opened;
  };
  return {
    anvil,
    deployment,
    wallet,
    port,
    pool: deployment.pool,
    token: deployment.usdc,
    stakeToken: deployment.token,
    account: (name) => wallet(name).address,
    async fund(account, amount) {
      // Minting is open to anybody, so the chain's own accounts can do it.
      const [from] = await anvil.rpc<string[]>("eth_accounts");
      await anvil.rpc("eth_sendTransaction", { from, to: deployment.usdc, data: mintable.encodeFunctionData("mint", [account, amount]) });
      await anvil.rpc("anvil_mine", "0x1");
    },
    async fundStake(account, amount) {
      const transfer = new Interface(["function transfer(address to, uint256 amount)"]);
      const [from] = await anvil.rpc<string[]>("eth_accounts");
      await anvil.rpc("eth_sendTransaction", { from, to: deployment.token, data: transfer.encodeFunctionData("transfer", [account, amount]) });
      await anvil.rpc("anvil_mine", "0x1");
    },
    async pass(seconds) {
      await anvil.rpc("evm_increaseTime", `0x${seconds.toString(16)}`);
      await anvil.rpc("anvil_mine", "0x1");
    },
    mine: async (blocks) => void (await anvil.rpc("anvil_mine", `0x${blocks.toString(16)}`)),
    checkpoint: async () => {
      const id = await anvil.rpc<string>("evm_snapshot");
      return async () => void (await anvil.rpc("evm_revert", id));
    },
    async stop() {
      await Promise.all(ports.map((opened) => opened.close()));
      await anvil.stop();
    },
  };
}
