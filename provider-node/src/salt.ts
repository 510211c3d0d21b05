import { createHmac } from "node:crypto";
import { toHex, type Hex32 } from "@infernet/sdk/core";
import type { Seat } from "./seats.ts";

const LABEL = "infernet seat salt 1";

/**
 * Salts of commitments, made from the operator's key: nobody else can guess them, and a node that
 * has lost its disk can still open what it committed to. HMAC-SHA256(key, label, chain, contract,
 * job, batch, position), each field ended by a newline.
 * @param privateKey - the operator's, 0x and 64 hex digits
 */
export function seatSalts(privateKey: string, { chainId, jobs }: { chainId: number | bigint; jobs: string }): (seat: Seat) => Hex32 {
  return ({ job, batch, position }) => {
    const fields = [LABEL, chainId, jobs.toLowerCase(), job.id, batch.number, position];
    return toHex(createHmac("sha256", Buffer.from(privateKey.slice(2), "hex")).update(fields.map((field) => `${field}\n`).join("")).digest());
  };
}
