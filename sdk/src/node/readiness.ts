/** What one check has found. */
export interface CheckResult {
  readonly ok: boolean;
  /** For people, whether it passes or not. */
  readonly detail: string;
}

/** Looks at one thing that a node needs. A check that throws has failed. */
export type Check = () => CheckResult | Promise<CheckResult>;

/** What all checks have found. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Milliseconds that a check may take: whoever asks has a time limit of its own, often ten seconds. */
const CHECK_MS = 3000;

/**
 * Runs all checks at once. Never throws.
 * @param timeoutMs - a check that takes longer has failed
 */
export async function runChecks(checks: Readonly<Record<string, Check>>, timeoutMs = CHECK_MS): Promise<Readiness> {
  const results = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check, timeoutMs)] as const));
  return { ready: results.every(([, { ok }]) => ok), checks: Object.fromEntries(results) };
}

async function runCheck(check: Check, timeoutMs: number): Promise<CheckResult> {
  const { promise: late, resolve } = Promise.withResolvers<CheckResult>();
  const timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${timeoutMs / 1000} s` }), timeoutMs);
  try {
    return await Promise.race([(async () => check())(), late]);
  } catch (error) {
    return { ok: false, detail: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
