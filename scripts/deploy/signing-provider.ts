import type { EIP1193Provider, RequestArguments } from "@nomicfoundation/ignition-core";
import { Transaction, type JsonRpcProvider, type TransactionLike, type Wallet } from "ethers";

type Fields = Record<string, string | undefined>;

/**
 * A chain with one local account: transactions are signed here and sent raw, everything else is passed on.
 * @param provider of the chain
 * @param wallet that deploys
 */
export function signingProvider(provider: JsonRpcProvider, wallet: Wallet): EIP1193Provider {
  return {
    async request({ method, params }: RequestArguments): Promise<unknown> {
      if (method === "eth_accounts") return [wallet.address];
      if (method !== "eth_sendTransaction") return provider.send(method, (params ?? []) as unknown[]);
      const [fields] = params as [Fields];
      const { chainId } = await provider.getNetwork();
      const raw = await wallet.signTransaction(Transaction.from(unsigned(fields, chainId)));
      return provider.send("eth_sendRawTransaction", [raw]);
    },
  };
}

/** JSON-RPC's names and hex numbers as ethers names them. */
function unsigned({ to, nonce, gas, data, value, maxFeePerGas, maxPriorityFeePerGas, gasPrice }: Fields, chainId: bigint): TransactionLike {
  const fees = gasPrice === undefined ? { type: 2, maxFeePerGas, maxPriorityFeePerGas } : { type: 0, gasPrice };
  return { ...fees, chainId, to: to ?? null, nonce: Number(nonce), gasLimit: gas, data, value: value ?? 0 };
}
