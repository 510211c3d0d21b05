import type { Command } from "commander";
import { InfernetError, hex32Schema, type Hex32 } from "@infernet/sdk/core";
import { joinPool } from "../operator/join.ts";
import { addOwnerOptions, openOwner, type Done, type OwnerFlags, type OwnerSession } from "../operator/owner.ts";
import { registerFromSettings } from "../operator/register.ts";
import type { NodeRole } from "../operator/role.ts";
import { openHome, requireNode, type NodeHome } from "../operator/session.ts";
import { when } from "../operator/status-text.ts";
import { unbond } from "../operator/unbond.ts";
import { withdraw } from "../operator/withdraw.ts";
import type { Output } from "../terminal/output.ts";
import { addHomeOption, interruptible, type HomeFlags } from "./operator.ts";
import { amountOption, commandOutput, formatInfer, INFER_DECIMALS, integerOption } from "./options.ts";

type Flags = HomeFlags & OwnerFlags;

/** Adds what takes the owner's key: `register`, `stake`, `join`, `unbond`, `withdraw`. Each prints what to sign elsewhere with --unsigned. */
export function addOwnerCommands(parent: Command, role: NodeRole): void {
  ownerCommand(parent, role, "register")
    .description("make the node known to the chain, or bring its operator, payout and addresses up to date")
    .option("--payout <address>", "where earnings go; default: the owner")
    .action((flags: Flags & { payout?: string }, command: Command) =>
      asOwner(role, flags, command, async ({ home, session, output }) => {
        const { node, operator, done } = await registerFromSettings(home, session, flags.payout);
        answer(output, done, { node, operator }, done.length === 0 ? `node ${node} is up to date` : `node ${node} works with ${operator}; next: infernet ${role.name} stake <INFER>`);
      }),
    );

  ownerCommand(parent, role, "stake")
    .argument("<amount>", "INFER", amountOption(INFER_DECIMALS))
    .description("put INFER behind the node")
    .action((amount: bigint, flags: Flags, command: Command) =>
      asOwner(role, flags, command, async ({ session, output }) => {
        const { node } = await requireNode(session.port, session.owner, role);
        const balance = await session.port.tokenBalance(session.port.stakeToken, session.owner);
        if (balance < amount) throw new InfernetError("insufficient_funds", `${session.owner} has ${formatInfer(balance)}, not ${formatInfer(amount)}`);
        const done = await session.run({ type: "stake", node, amount });
        answer(output, [done], { node, amount }, `staked ${formatInfer(amount)} behind node ${node}${role.name === "provider" ? "; next: infernet provider join --capacity <slots>" : ""}`);
      }),
    );

  if (role.name === "provider")
    ownerCommand(parent, role, "join")
      .description("take slots in the pool of the settings, or change their number: each may be drawn for work, and holds stake")
      .option("--capacity <slots>", "slots", integerOption(1, 65535), 1)
      .option("--pool <id>", "another pool")
      .action((flags: Flags & { capacity: number; pool?: string }, command: Command) =>
        asOwner(role, flags, command, async ({ home, session, output }) => {
          const pool = poolOf(home, flags.pool);
          const info = await requireNode(session.port, session.owner, role);
          const done = await joinPool(session, info, pool, flags.capacity);
          answer(output, done === null ? [] : [done], { node: info.node, pool, capacity: flags.capacity }, done === null ? `node ${info.node} has ${flags.capacity} slots already` : `node ${info.node} has ${flags.capacity} slots from the next epoch on`);
        }),
      );

  ownerCommand(parent, role, "unbond")
    .argument("[amount]", "INFER", amountOption(INFER_DECIMALS))
    .description(`take INFER out: its unbonding begins${role.name === "provider" ? ", after slots that hold it have been given up" : ""}`)
    .option("--all", "everything that no work answers for")
    .option("--wait", "wait until given-up slots have set their stake free")
    .action((given: bigint | undefined, flags: Flags & { all?: true; wait?: true }, command: Command) => {
      if ((given === undefined) === (flags.all === undefined)) throw new InfernetError("invalid_argument", "name an amount of INFER, or --all");
      const amount = given ?? null;
      return asOwner(role, flags, command, async ({ session, output, signal }) => {
        const { node } = await requireNode(session.port, session.owner, role);
        const result = await unbond(session, { node, amount, wait: flags.wait === true, signal, progress: output.progress });
        const { time } = await session.port.head();
        const last = result.tickets.at(-1);
        const text = result.freeAt !== null ? `the slots are given up; their stake is free ${when(result.freeAt, time)}, and when their work is final: run this again then, or with --wait` : `${formatInfer(result.amount)} unbonding${last === undefined ? "" : `, to be withdrawn ${when(last.readyAt, time)}`}`;
        answer(output, result.done, { amount: result.amount, released: result.released, freeAt: result.freeAt, tickets: result.tickets }, text);
      });
    });

  ownerCommand(parent, role, "withdraw")
    .description("pay out stake whose unbonding is over, and earnings that nobody has claimed")
    .action((flags: Flags, command: Command) =>
      asOwner(role, flags, command, async ({ session, output, signal }) => {
        const { node } = await requireNode(session.port, session.owner, role);
        const { done, ...result } = await withdraw(session, node, signal);
        const { time } = await session.port.head();
        const paid = result.tickets.reduce((sum, { amount }) => sum + amount, 0n);
        const waiting = result.waiting.map(({ amount, readyAt }) => `; ${formatInfer(amount)} can be withdrawn ${when(readyAt, time)}`).join("");
        answer(output, done, result, `${paid > 0n ? `withdrew ${formatInfer(paid)}` : "no stake is ready"}${result.earnings.length > 0 ? `, claimed earnings in ${result.earnings.length} tokens` : ""}${waiting}`);
      }),
    );
}

function ownerCommand(parent: Command, role: NodeRole, usage: string): Command {
  return addOwnerOptions(addHomeOption(parent.command(usage), role));
}

interface OwnerContext {
  readonly home: NodeHome;
  readonly session: OwnerSession;
  readonly output: Output;
  readonly signal: AbortSignal;
}

async function asOwner(role: NodeRole, flags: Flags, command: Command, run: (context: OwnerContext) => Promise<void>): Promise<void> {
  await interruptible(async (signal) => {
    const output = commandOutput(command);
    const home = await openHome(role, flags.config);
    await using session = await openOwner(home, flags, output.progress);
    await run({ home, session, output, signal });
  });
}

/** Says what was done, or prints what has to be signed. */
function answer(output: Output, done: readonly Done[], value: object, text: string): void {
  const unsigned = done.flatMap((one) => ("unsigned" in one ? one.unsigned : []));
  const transactions = done.flatMap((one) => ("receipt" in one ? [one.receipt.transaction] : []));
  if (unsigned.length === 0) return output.answer({ ...value, transactions }, text);
  const lines = unsigned.map(({ chainId, to, data, value: coins }) => `chain  ${chainId}\nto     ${to}\nvalue  ${coins}\ndata   ${data}\n`);
  output.answer({ unsigned }, `to be signed and sent in this order:\n\n${lines.join("\n")}`);
}

function poolOf({ settings }: NodeHome, given: string | undefined): Hex32 {
  const parsed = hex32Schema.safeParse(given ?? settings.pool);
  if (!parsed.success) throw new InfernetError("invalid_argument", `--pool: ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}
