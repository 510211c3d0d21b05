/** What a caller needs to know about an error before it decides what to do next. */
export interface ErrorInfo {
  /** Whether the same call may succeed later without anything being changed by the caller. */
  readonly retryable: boolean;
  /** What a person should do about it, in one sentence. */
  readonly hint: string;
}

const stop = (hint: string): ErrorInfo => ({ retryable: false, hint });
const retry = (hint: string): ErrorInfo => ({ retryable: true, hint });

/**
 * Every error code of Infernet, once. Codes are stable: programs branch on them, so a code is
 * never renamed or reused. docs/ERRORS.md is generated from this table and held against it.
 */
export const ERRORS = {
  // Calls and input files
  invalid_argument: stop("Correct the argument that the message names."),
  invalid_input: stop("Correct the line of the input file that the message names."),
  input_too_large: stop("Split the input file, or shorten the line that the message names."),
  aborted: stop("The caller cancelled the call; start it again if that was not intended."),
  internal: stop("This is a defect in Infernet; report it with the message and the log."),

  // Documents and digests
  invalid_digest: stop("A digest is 0x followed by 64 lower-case hex digits (a sha2-256)."),
  invalid_document: stop("The document does not have the published form; see the field that the message names."),
  document_too_large: stop("Documents are limited in size; make the lists in it shorter."),
  invalid_manifest: stop("Check the manifest against docs/schemas/manifest.schema.json."),
  invalid_result: stop("The result does not have the form that the job asked for; it must not be paid."),
  invalid_proof: stop("The Merkle proof does not lead to the root; ask another source for it."),
  invalid_receipt: stop("The receipt fails the check that the message names; do not rely on it."),

  // Content store
  content_not_found: retry("No reachable peer has the content; make sure that its publisher is online."),
  content_timeout: retry("The content did not arrive in time; try again or allow more time."),
  content_too_large: stop("The content is larger than the limit; refuse it or raise the limit."),
  content_mismatch: stop("The content does not match its digest; do not use it, and fetch it from another peer."),
  peer_unreachable: retry("The peer could not be dialled; check its address and that it is online."),
  peer_timeout: retry("The peer did not answer in time; try again or ask another."),
  invalid_message: stop("The peer does not follow the protocol; use another peer, or the same version on both sides."),
  store_failed: stop("The content store or the journal could not be written; check the disk and the data directory, then start again."),
  store_unreachable: retry("The Kubo daemon does not answer; start it, or correct its RPC address."),
  store_closed: stop("The content store has been stopped; open it again."),

  // Execution of a shard on a host
  runtime_unavailable: stop("This node lacks the runtime that the manifest asks for; decline the shard."),
  model_missing: stop("Install the model file with the sha256 that the message names."),
  execution_timeout: stop("The shard ran beyond its time limit; decline it, or raise limits.seconds in the manifest."),
  execution_memory: stop("The program needs more memory than it may use; decline it, or raise limits.memoryPages in the manifest."),
  execution_failed: retry("The host could not run the shard (not the fault of the job); see the cause."),

  // Chain
  chain_unreachable: retry("The RPC endpoint does not answer; check its URL or use another."),
  chain_rate_limited: retry("The RPC endpoint limits requests; wait or use another."),
  chain_mismatch: stop("The RPC endpoint serves another chain than the one configured."),
  chain_reverted: stop("The contract refused the call; details hold the decoded reason."),
  nonce_conflict: retry("Another transaction used the nonce; the call is sent again with a fresh one."),
  transaction_refused: stop("No RPC endpoint takes the transaction, and its nonce has been used up; correct what the message names, or use another endpoint."),
  unknown_deployment: stop("No Infernet contracts are known for this chain; pass their addresses."),
  insufficient_funds: stop("Fund the account that the message names with the stated token."),
  insufficient_stake: stop("Stake more INFER, or join the pool with less capacity."),

  // Jobs
  job_not_found: stop("No job with this id exists on the chain."),
  job_state: stop("The job is in a state that does not allow this; see details."),
  job_refunded: retry("Some shards could not be agreed on and were refunded; submit them again."),
  job_cancelled: stop("The job was cancelled; its deposit has been credited back."),
  pool_not_found: stop("No pool with this id exists on the chain."),
  pool_too_small: retry("The pool has fewer eligible owners than replicas; wait, or ask for fewer replicas."),
  quote_expired: retry("Ask for a fresh quote."),
  quote_refused: stop("The aggregator does not take this job; see the message, change the job or ask another."),
  no_aggregator: retry("No aggregator gave a quote; name one, or pass aggregator: null to do without."),
  price_above_cap: stop("The price is above the cap; raise the cap or wait for a lower price."),

  // Daemons
  child_failed: stop("Read the log that the message names; start again when its cause is gone."),
  node_not_found: stop("No node of this account is registered; register it first."),
  not_ready: stop("Mend what the failed checks name, and check again."),
  config_invalid: stop("Correct the setting that the message names."),
  data_dir_locked: stop("Another process uses this data directory; stop it or choose another directory."),
  data_dir_invalid: stop("The data directory cannot be read or written; check its path and permissions."),
  journal_conflict: stop("The journal holds another intent under this key; this is a defect, report it."),
  journal_corrupt: stop("The journal cannot be read; move it away and start again, state is rebuilt from the chain."),
  key_in_use: stop("One key signs for one process at a time; stop the other one, or give this one a key of its own."),
  keystore_invalid: stop("The key file is not a V3 keystore (or, on a development chain, a hex key)."),
  keystore_password: stop("The password does not open the keystore."),
} as const satisfies Record<string, ErrorInfo>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS;

/** The codes as constants: `ErrorCodes.content_timeout === "content_timeout"`. */
export const ErrorCodes = Object.freeze(
  Object.fromEntries(Object.keys(ERRORS).map((code) => [code, code])),
) as { readonly [C in ErrorCode]: C };

/** Extra facts of one error: its cause, machine-readable details, or a more specific hint. */
export interface InfernetErrorOptions {
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly hint?: string;
}

/** The only error type that Infernet's public functions throw on purpose. */
export class InfernetError extends Error {
  override readonly name = "InfernetError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  /**
   * @param code - stable code; decides `retryable` and the default `hint`
   * @param message - what happened, with the names and numbers a person needs
   */
  constructor(code: ErrorCode, message: string, options: InfernetErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = ERRORS[code].retryable;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.details = options.details ?? {};
  }

  /** The form in which errors are logged and sent between processes. */
  toJSON(): { code: ErrorCode; message: string; retryable: boolean; hint: string; details: object } {
    const { code, message, retryable, hint, details } = this;
    return { code, message, retryable, hint, details };
  }
}

/** Whether `error` is an InfernetError, and of the given code where one is named. */
export function isInfernetError(error: unknown, code?: ErrorCode): error is InfernetError {
  return error instanceof InfernetError && (code === undefined || error.code === code);
}

/**
 * Throws the abort of `signal` as a typed error.
 * @throws {InfernetError} `aborted` when the signal has fired
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new InfernetError("aborted", "aborted by the caller", { cause: signal.reason });
}
