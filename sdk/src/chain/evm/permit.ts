import { AbiCoder, Signature, TypedDataEncoder, type BaseWallet, type TypedDataDomain } from "ethers";
import { InfernetError, isInfernetError } from "../../core/index.ts";
import { erc20 } from "./contracts.ts";
import type { Permit } from "./encode.ts";
import type { Reader } from "./reader.ts";

/** ERC-2612. */
const PERMIT = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};
/** A transaction that waits longer than this has other trouble than its permit. */
const PERMIT_SECONDS = 86_400n;

/** Money that a contract is to take. */
export interface Funding {
  readonly token: string;
  readonly spender: string;
  readonly amount: bigint;
}

/**
 * The permit that a contract needs to take the signer's tokens; null when its allowance is enough.
 * @throws {InfernetError} `insufficient_funds` when the signer has too little, or the token knows no permit
 */
export async function permitFor(reader: Reader, signer: BaseWallet, chainId: number, { token, spender, amount }: Funding): Promise<Permit | null> {
  const owner = signer.address;
  const ask = async (name: string, ...args: unknown[]) =>
    erc20.decodeFunctionResult(name, await reader.call(`${name} of ${token}`, { to: token, data: erc20.encodeFunctionData(name, args) }));
  const [balance, allowance] = await Promise.all([ask("balanceOf", owner), ask("allowance", owner, spender)]);
  if (balance[0] < amount)
    throw new InfernetError("insufficient_funds", `${owner} has ${String(balance[0])} of token ${token}, ${amount} are needed`, {
      details: { token, account: owner, available: String(balance[0]), needed: String(amount) },
    });
  if (allowance[0] >= amount) return null;

  const domain = await permitDomain(ask, reader, token, chainId);
  if (domain === null)
    throw new InfernetError("insufficient_funds", `token ${token} knows no permit, and ${spender} is allowed ${String(allowance[0])} of it where ${amount} are needed`, {
      hint: "Approve the contract first.",
      details: { token, account: owner, available: String(allowance[0]), needed: String(amount) },
    });
  const [nonce, head] = await Promise.all([ask("nonces", owner), reader.head()]);
  const deadline = BigInt(head.timestamp) + PERMIT_SECONDS;
  const { v, r, s } = Signature.from(await signer.signTypedData(domain, PERMIT, { owner, spender, value: amount, nonce: nonce[0], deadline }));
  return { deadline, v, r, s };
}

type Ask = (name: string, ...args: unknown[]) => Promise<readonly unknown[]>;

/** The token's EIP-712 domain, found by trying what tokens use, and proven by its own separator; null if there is none. */
async function permitDomain(ask: Ask, reader: Reader, token: string, chainId: number): Promise<TypedDataDomain | null> {
  const optional = (promise: Promise<readonly unknown[]>) =>
    promise.then(([value]) => value as string, (error: unknown) => {
      if (isInfernetError(error, "chain_reverted") || !isInfernetError(error)) return undefined;
      throw error;
    });
  const versionData = { to: token, data: "0x54fd4d50" }; // version()
  const [separator, name, version] = await Promise.all([
    optional(ask("DOMAIN_SEPARATOR")),
    optional(ask("name")),
    optional(reader.call("version", versionData).then((data) => AbiCoder.defaultAbiCoder().decode(["string"], data))),
  ]);
  if (separator === undefined || name === undefined) return null;
  const versions = new Set([version, "1", "2"]);
  const domains = [...versions].filter((one) => one !== undefined).map((one) => ({ name, version: one, chainId, verifyingContract: token }));
  return domains.find((domain) => TypedDataEncoder.hashDomain(domain) === separator) ?? null;
}
