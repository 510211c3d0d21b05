import { isInfernetError, type ErrorCode } from "@infernet/sdk/core";

/** Reasons of a decline. When k members give the same one, the job is at fault and nobody pays for it. */
export const DECLINE = { cannotRun: 1, cannotFetch: 2, invalidManifest: 3, tooSlow: 4, underpriced: 5 } as const;
/** The number that goes to the chain. */
export type DeclineReason = (typeof DECLINE)[keyof typeof DECLINE];

/** Why work on a seat failed, and whether it is worth another try. */
export interface WorkFailure {
  readonly reason: DeclineReason;
  readonly retryable: boolean;
}

const FAILURES: Partial<Record<ErrorCode, WorkFailure>> = {
  // What the job points to is not what a job must be: the same for every honest member.
  invalid_manifest: { reason: DECLINE.invalidManifest, retryable: false },
  invalid_document: { reason: DECLINE.invalidManifest, retryable: false },
  invalid_input: { reason: DECLINE.invalidManifest, retryable: false },
  document_too_large: { reason: DECLINE.invalidManifest, retryable: false },
  content_too_large: { reason: DECLINE.invalidManifest, retryable: false },
  content_mismatch: { reason: DECLINE.invalidManifest, retryable: false },
  content_not_found: { reason: DECLINE.cannotFetch, retryable: true },
  content_timeout: { reason: DECLINE.cannotFetch, retryable: true },
  peer_unreachable: { reason: DECLINE.cannotFetch, retryable: true },
  runtime_unavailable: { reason: DECLINE.cannotRun, retryable: false },
  model_missing: { reason: DECLINE.cannotRun, retryable: false },
  execution_memory: { reason: DECLINE.cannotRun, retryable: false },
  execution_timeout: { reason: DECLINE.tooSlow, retryable: false },
  price_above_cap: { reason: DECLINE.underpriced, retryable: false },
};

/** What an error in the work on a seat means. A crash of the host's own is tried again while there is time. */
export function failureOf(error: unknown): WorkFailure {
  return (isInfernetError(error) ? FAILURES[error.code] : undefined) ?? { reason: DECLINE.cannotRun, retryable: true };
}
