import { z } from "zod";

/** What Slither found in one place. */
export interface Finding {
  readonly detector: string;
  readonly impact: string;
  /** `Contract.function`, as far as it lies in them. */
  readonly where: string;
  /** Slither's own words, with lines. */
  readonly what: string;
}

/** Why what Slither found is no fault. */
export interface Explanation {
  readonly detector: string;
  readonly where: string;
  /** How many findings of this detector there are in this place. */
  readonly count: number;
  readonly why: string;
}

/** Impacts that must be explained. */
const GRAVE = new Set(["High", "Medium"]);

interface Element {
  type: string;
  name: string;
  type_specific_fields?: { parent?: Element | undefined } | undefined;
}
const elementSchema: z.ZodType<Element> = z.lazy(() =>
  z.object({ type: z.string(), name: z.string(), type_specific_fields: z.object({ parent: elementSchema.optional() }).optional() }),
);
const reportSchema = z.object({
  success: z.boolean(),
  error: z.string().nullable(),
  results: z.object({
    detectors: z.array(z.object({ check: z.string(), impact: z.string(), description: z.string(), elements: z.array(elementSchema) })).default([]),
  }),
});
const explanationsSchema = z.array(
  z.object({ detector: z.string().min(1), where: z.string().min(1), count: z.number().int().min(2).optional().transform((count) => count ?? 1), why: z.string().min(15) }).strict(),
);

/**
 * The grave findings of Slither's JSON report.
 * @throws Error when Slither failed, ZodError when this is no report of it
 */
export function parseReport(json: unknown): Finding[] {
  const { success, error, results } = reportSchema.parse(json);
  if (!success) throw new Error(`Slither failed: ${error ?? "without a word"}`);
  return results.detectors
    .filter(({ impact }) => GRAVE.has(impact))
    .map(({ check, impact, description, elements }) => ({ detector: check, impact, where: placeOf(elements[0]), what: description.trim() }));
}

/**
 * The explanations that the repository keeps.
 * @throws ZodError for what is none; Error when a place is explained twice
 */
export function parseExplanations(json: unknown): Explanation[] {
  const explanations = explanationsSchema.parse(json);
  const keys = explanations.map(keyOf);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) throw new Error(`explained twice: ${twice}`);
  return explanations;
}

/**
 * Holds findings and explanations against each other.
 * @returns complaints: findings that nobody explained, and explanations of what is not, or no longer, found. Where a
 * place has more or fewer findings than are explained, the explanation was written for other code.
 */
export function complaints(findings: readonly Finding[], explanations: readonly Explanation[]): string[] {
  const found = Map.groupBy(findings, keyOf);
  const explained = new Map(explanations.map((explanation) => [keyOf(explanation), explanation.count]));
  const unexplained = [...found].flatMap(([key, list]) => {
    const count = explained.get(key) ?? 0;
    if (list.length <= count) return [];
    return [`${key}: ${list.length} found, ${count} explained\n${list.map(({ impact, what }) => `[${impact}] ${what}`).join("\n")}`];
  });
  const stale = [...explained].filter(([key, count]) => count > (found.get(key)?.length ?? 0));
  return [...unexplained, ...stale.map(([key, count]) => `${key}: ${count} explained, ${found.get(key)?.length ?? 0} found; the explanation no longer holds`)];
}

const keyOf = ({ detector, where }: { detector: string; where: string }) => `${detector} in ${where}`;

function placeOf(element: Element | undefined): string {
  const names: string[] = [];
  for (let at = element; at !== undefined; at = at.type_specific_fields?.parent) if (at.type === "function" || at.type === "contract") names.unshift(at.name);
  return names.join(".") || (element?.name ?? "nowhere");
}
