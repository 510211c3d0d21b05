import { ERRORS, type ErrorInfo } from "@infernet/sdk/core";

/** docs/ERRORS.md, from the one table of error codes. */
export function errorsDocument(): string {
  const rows = Object.entries<ErrorInfo>(ERRORS).map(
    ([code, { retryable, hint }]) => `| \`${code}\` | ${retryable ? "yes" : "no"} | ${hint} |`,
  );
  return `# Errors

Every error that Infernet throws on purpose is an \`InfernetError\` with a stable \`code\`, a message
that names what happened, \`retryable\` (whether the same call may succeed later without a change),
a \`hint\` (what to do), \`details\` for programs, and the \`cause\`. Programs branch on the code;
codes are never renamed or reused.

This file is generated from \`sdk/src/core/errors.ts\` by \`node scripts/generate/run.ts\`; a test holds it.

| code | retryable | what to do |
| --- | --- | --- |
${rows.join("\n")}
`;
}
