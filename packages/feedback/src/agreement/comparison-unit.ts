/** @file The pair of responses that a comparison is about, whichever of the two was named first. */
import type { Comparison } from '@plaudit/contract';
import { contentId } from '../canonical-json.ts';

/** The classes of comparisons: side a is the response whose text sorts first. */
export const comparisonClasses = ['a', 'b', 'tie', 'both_bad'] as const;
export type ComparisonClass = (typeof comparisonClasses)[number];

export interface ComparisonUnit {
  /** The same for every comparison of these responses to this prompt by this criterion, on any machine. */
  readonly unit: string;
  /** The same for everything that is said of this prompt. */
  readonly cluster: string;
  /** Whether the comparison names the canonical side b first. */
  readonly swapped: boolean;
}

type Compared = Pick<Comparison, 'prompt' | 'responses' | 'criterion'>;

/** @example const { unit, swapped } = comparisonUnit(comparison) */
export const comparisonUnit = ({
  prompt,
  responses: [first, second],
  criterion,
}: Compared): ComparisonUnit => {
  const swapped = first > second;
  const sides = swapped ? [second, first] : [first, second];
  const cluster = contentId(prompt);
  return { unit: contentId([cluster, sides, criterion ?? null]), cluster, swapped };
};

/** The outcome with the sides in canonical order. */
export const canonicalOutcome = (outcome: Comparison['outcome'], swapped: boolean): ComparisonClass => {
  if (outcome === 'a') return swapped ? 'b' : 'a';
  if (outcome === 'b') return swapped ? 'a' : 'b';
  return outcome;
};
