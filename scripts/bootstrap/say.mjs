/** Tells a person at the terminal what goes on; stdout belongs to the command itself. */
export function say(message) {
  process.stderr.write(`infernet: ${message}\n`);
}

/** An end that a person can do something about: printed without a stack. */
export class SetupError extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** Runs a step and says how long it took. */
export async function timed(what, expected, step) {
  say(`${what} (${expected}) …`);
  const begin = Date.now();
  const value = await step();
  say(`${what}: done in ${((Date.now() - begin) / 1000).toFixed(0)} s`);
  return value;
}
