import { rmSync } from "node:fs";
import { Option, type Command } from "commander";
import { InfernetError } from "@infernet/sdk/core";
import { isAccount } from "@infernet/sdk/node";
import { devnetHolder, startInBackground, stopDevnet } from "../devnet/background.ts";
import { DEFAULT_DEVNET, devnetPaths, readDeployment, readDevnet, type DevnetInfo } from "../devnet/directory.ts";
import { runDevnet } from "../devnet/up.ts";
import { rpc } from "../devnet/anvil.ts";
import { announce } from "../process/announce.ts";
import { listenForInterrupt } from "../process/interrupt.ts";
import { amountOption, commandOutput, formatAmount, integerOption, secondsOption } from "./options.ts";

interface UpFlags {
  readonly dir: string;
  readonly port: number;
  readonly blockTime: number;
  readonly providers: number;
  readonly foreground?: true;
}

const dirOption = () => new Option("--dir <directory>", "where the network keeps its state").default(DEFAULT_DEVNET, ".infernet/devnet");

const COIN_DECIMALS = 18;

/** `infernet devnet up | down | fund | status` */
export function addDevnetCommands(program: Command): void {
  const devnet = program.command("devnet").description("a development network on this machine: a local chain with the contracts, mock USDC, pools and funded accounts");

  devnet
    .command("up")
    .description("start it, and on first use deploy and fund everything")
    .addOption(dirOption())
    .option("--port <port>", "port of the chain's RPC, 0 = any free one", integerOption(0, 65535), 8545)
    .option("--block-time <seconds>", "time between blocks", secondsOption, 1)
    .option("--providers <n>", "providers that get funded keys", integerOption(1, 64), 16)
    .option("--foreground", "stay until interrupted")
    .addHelpText("after", "\nExamples:\n  infernet devnet up\n  infernet devnet up --foreground --port 0 --block-time 0.5\n")
    .action(async (flags: UpFlags, command: Command) => {
      const output = commandOutput(command);
      const ready = (info: DevnetInfo) => {
        announce(info);
        output.answer(info, describe(info));
      };
      if (flags.foreground) {
        await runDevnet({ ...flags, directory: flags.dir, onProgress: output.progress, onReady: ready });
        return;
      }
      const interrupt = listenForInterrupt();
      try {
        output.progress("starting the development network (about 10 seconds the first time)");
        const args = ["--dir", flags.dir, "--port", String(flags.port), "--block-time", String(flags.blockTime), "--providers", String(flags.providers)];
        ready(await startInBackground(flags.dir, args, interrupt.signal));
      } finally {
        interrupt.end();
      }
    });

  devnet
    .command("down")
    .description("stop it; its state is kept for the next start")
    .addOption(dirOption())
    .option("--clean", "delete its state as well")
    .action(async ({ dir, clean }: { dir: string; clean?: true }, command: Command) => {
      const interrupt = listenForInterrupt();
      try {
        const stopped = await stopDevnet(dir, interrupt.signal);
        if (clean) rmSync(dir, { recursive: true, force: true });
        commandOutput(command).answer({ stopped, cleaned: clean === true }, `${stopped ? "stopped" : "was not running"}${clean ? ", state deleted" : ""}`);
      } finally {
        interrupt.end();
      }
    });

  devnet
    .command("fund")
    .description("give an account coins for gas, out of nothing")
    .argument("<address>", "who gets them")
    .addOption(dirOption())
    .option("--coins <amount>", "how many", amountOption(COIN_DECIMALS), 10n ** 19n)
    .addHelpText("after", "\nExample:\n  infernet devnet fund 0x… --coins 5\n")
    .action(async (address: string, { dir, coins }: { dir: string; coins: bigint }, command: Command) => {
      if (!isAccount(address)) throw new InfernetError("invalid_argument", `${address} is not an address`);
      const { rpcUrl } = readDevnet(dir);
      const balance = BigInt((await rpc(rpcUrl, "eth_getBalance", [address, "latest"])) as string) + coins;
      await rpc(rpcUrl, "anvil_setBalance", [address, `0x${balance.toString(16)}`]);
      commandOutput(command).answer({ address, balance }, `${address} has ${formatAmount(balance, COIN_DECIMALS)} coins`);
    });

  devnet
    .command("status")
    .description("say whether it runs and where")
    .addOption(dirOption())
    .action(async ({ dir }: { dir: string }, command: Command) => {
      const output = commandOutput(command);
      if (devnetHolder(devnetPaths(dir).directory) === undefined) {
        output.answer({ running: false }, "not running; start it with: infernet devnet up");
        process.exitCode = 1;
        return;
      }
      const info = readDevnet(dir);
      const height = await rpc(info.rpcUrl, "eth_blockNumber").catch((cause: unknown) => {
        throw new InfernetError("chain_unreachable", `${info.rpcUrl} does not answer`, { cause });
      });
      output.answer({ running: true, ...info, height: Number(height), deployment: readDeployment(info.deployment) }, `${describe(info)}\nheight      ${Number(height)}`);
    });
}

function describe(info: DevnetInfo): string {
  return [`RPC         ${info.rpcUrl} (chain ${info.chainId})`, `contracts   ${info.deployment}`, `keys        ${info.keys}`, `process     ${info.pid}`].join("\n");
}
