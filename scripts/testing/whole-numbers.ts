/**
 * Options of a command line that are whole numbers above 0.
 * @returns them in the order of their names
 * @throws Error naming the option that is none
 */
export function wholeNumbers<K extends string>(values: Readonly<Record<K, string | undefined>>, ...names: readonly K[]): number[] {
  return names.map((name) => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} is a whole number above 0, not ${values[name]}`);
    return value;
  });
}
