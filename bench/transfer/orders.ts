/** What a peer can be. */
export const KINDS = ["http", "helia", "kubo"] as const;
export type Kind = (typeof KINDS)[number];

/** Where some content is. */
export interface Place {
  readonly name: string;
  readonly from: readonly string[];
}

/** What the parent may ask for: to hold the sample of a label, or to fetch from another peer. */
export type Order = { readonly do: "hold"; readonly label: string; readonly bytes: number } | { readonly do: "fetch"; readonly place: Place; readonly bytes: number };
