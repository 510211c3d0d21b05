/** EIP-712 domain of the Jobs contract, under which everything is signed that is meant for it or its network. */
export function jobsDomain(chainId: number, jobs: string) {
  return { name: "Infernet", version: "1", chainId, verifyingContract: jobs };
}
