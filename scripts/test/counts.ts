/** What a test tool reported. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const ANSI = /\u001b\[[0-9;]*m/g;

/**
 * Reads the summary of mocha or of Hardhat's Solidity tests ("12 passing", "1 failing"; each suite
 * prints one). A tool that ended badly without naming a failure counts as one failure, and one that
 * prints no summary as one check.
 * @param output - everything that the tool printed
 * @param code - its exit code
 */
export function countTests(output: string, code: number): Counts {
  const text = output.replaceAll(ANSI, "");
  const sum = (word: string) => [...text.matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"))].reduce((total, match) => total + Number(match[1]), 0);
  const [passing, failing, pending] = [sum("passing"), sum("failing"), sum("pending")];
  // A skipped test says nothing about the code: it counts as a failure.
  const failed = failing + pending;
  if (passing + failed === 0) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  return { passed: passing, failed: code !== 0 ? Math.max(failed, 1) : failed };
}

/** The plain line that closes a test run. */
export function closingLine({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`;
}
