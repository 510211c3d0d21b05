import { toBeHex } from "ethers";
import type { StakeTicket } from "../operator.ts";
import { UNBONDING_TOPIC, type LogDecoder } from "./decode.ts";
import { LogSource } from "./logs.ts";
import type { Reader } from "./reader.ts";
import type { Views } from "./views.ts";
import { persist } from "./wait.ts";

/** Withdrawals of a node that are not paid out yet, oldest first: events name them all, the contract knows those that are open. */
export async function openTickets(reader: Reader, decoder: LogDecoder, views: Views, origin: number, node: number): Promise<StakeTicket[]> {
  const begun = await persist(
    async () => new LogSource(reader, decoder).ofRange(origin, (await reader.head()).number, [UNBONDING_TOPIC, toBeHex(node, 32)]),
    { attempts: 4 },
  );
  const numbers = begun.flatMap((event) => (event.type === "unbonding-requested" ? [event.ticket] : []));
  const open = await Promise.all(numbers.map((ticket) => views.ticket(ticket)));
  return open.filter((ticket) => ticket !== null);
}
