import { Transaction, type BaseWallet } from "ethers";
import type { Target } from "./encode.ts";
import type { Fees } from "./fees.ts";
import type { SignedTransaction } from "./outbox-journal.ts";

/** Signs an EIP-1559 transaction locally. */
export function signTransaction(
  signer: BaseWallet,
  chainId: number,
  { to, data }: Target,
  { nonce, gasLimit, fees, ends = null }: Pick<SignedTransaction, "nonce" | "gasLimit" | "fees"> & Partial<Pick<SignedTransaction, "ends">>,
): SignedTransaction {
  const transaction = Transaction.from({ type: 2, chainId, nonce, to, data, gasLimit, maxFeePerGas: fees.maxFee, maxPriorityFeePerGas: fees.tip });
  transaction.signature = signer.signingKey.sign(transaction.unsignedHash);
  return { hash: transaction.hash!, nonce, raw: transaction.serialized, to, data, gasLimit, fees, ends };
}

/** Most that a transaction can cost, in wei. */
export function gasCost({ gasLimit, fees }: { readonly gasLimit: bigint; readonly fees: Fees }): bigint {
  return gasLimit * fees.maxFee;
}
