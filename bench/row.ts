/** One number of the table: what was measured, from which raw figures, and what it should be. */
export interface Row {
  readonly figure: string;
  readonly value: string;
  /** Both sides of a ratio, or what the number was made of. */
  readonly raw: string;
  /** Empty: none was set. */
  readonly goal: string;
  readonly met: boolean;
}

/** A row whose number should be at most `limit`. */
export function atMost(figure: string, value: number, limit: number, unit: string, raw: string): Row {
  return { figure, value: `${format(value)}${unit}`, raw, goal: `≤ ${format(limit)}${unit}`, met: value <= limit };
}

/** A row whose number should be at least `limit`. */
export function atLeast(figure: string, value: number, limit: number, raw: string): Row {
  return { figure, value: value.toFixed(3), raw, goal: `≥ ${limit}`, met: value >= limit };
}

/** A row whose number has no goal. */
export function noted(figure: string, value: string, raw: string): Row {
  return { figure, value, raw, goal: "", met: true };
}

function format(value: number): string {
  return value !== 0 && Math.abs(value) < 0.01 ? value.toExponential(1) : value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
