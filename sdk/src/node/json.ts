/** What survives JSON. Bigints are written as strings by whoever stores them. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
