/** Where announcements belong: one chain, and one contract on it that holds jobs. */
export interface Realm {
  /** Kind and id of the chain, for instance `evm:1`. */
  readonly chain: string;
  readonly jobs: string;
}

/** The realm of a port, or of a deployment. Accounts of the EVM are compared in lower case. */
export function realmOf({ kind, id }: { readonly kind: string; readonly id: string }, jobs: string): Realm {
  return { chain: `${kind}:${id}`, jobs: kind === "evm" ? jobs.toLowerCase() : jobs };
}

/** The gossip topic of a realm's announcements. */
export function announcementsTopic({ chain, jobs }: Realm): string {
  return `/infernet/${chain}/${jobs}/announcements/1`;
}
