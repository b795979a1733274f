/** @file One comparison for each pair, with what a model of annotators makes of all its votes as the preference. */
import type { Comparison, Judgement, Provenance } from '@plaudit/contract';
import { type ComparisonClass, comparisonUnit } from '../agreement/comparison-unit.ts';
import { sharedSegments } from '../tree-entries.ts';
import type { LabelModel } from './label-model.ts';

export interface SoftComparisons {
  /**
   * `preference` is P(the first is better), a tie or both bad counting one half; the outcome is the most probable class.
   * The provenance keeps what all the votes share.
   */
  readonly comparisons: readonly Comparison[];
  /** Comparisons of pairs that the model does not know, as they are. */
  readonly untouched: readonly Comparison[];
}

/**
 * @param model Over the classes of `comparisonClasses` or some of them, its units those of `comparisonUnit`: any of this
 *   folder's models of a table of kind comparison
 * @example
 * const [table] = valuesOfJudgements(judgements).tables;
 * const { comparisons } = softComparisons(judgements, oneCoin(table.values));
 */
export const softComparisons = (
  judgements: Iterable<Judgement>,
  { classes, units }: Pick<LabelModel, 'classes' | 'units'>,
): SoftComparisons => {
  const posteriors = new Map(units.map(({ unit, probabilities }) => [unit, probabilities]));
  const pairs = new Map<string, { swapped: boolean; votes: [Comparison, ...Comparison[]] }>();
  const untouched: Comparison[] = [];
  for (const judgement of judgements) {
    if (judgement.kind !== 'comparison') continue;
    const { unit, swapped } = comparisonUnit(judgement);
    const pair = pairs.get(unit);
    if (!posteriors.has(unit)) untouched.push(judgement);
    else if (pair === undefined) pairs.set(unit, { swapped, votes: [judgement] });
    else pair.votes.push(judgement);
  }
  const comparisons = [...pairs].map(([unit, { swapped, votes }]): Comparison => {
    const of = (name: ComparisonClass): number => {
      const place = classes.indexOf(name);
      return place < 0 ? 0 : posteriors.get(unit)![place]!;
    };
    const a = of(swapped ? 'b' : 'a');
    const b = of(swapped ? 'a' : 'b');
    const chances = [
      ['a', a],
      ['b', b],
      ['tie', of('tie')],
      ['both_bad', of('both_bad')],
    ] as const;
    const [outcome] = chances.reduce((best, one) => (one[1] > best[1] ? one : best));
    const [{ prompt, responses, criterion }] = votes;
    return {
      kind: 'comparison',
      prompt,
      responses,
      outcome: a === b && (outcome === 'a' || outcome === 'b') ? 'tie' : outcome,
      preference: Math.min(1, Math.max(0, 0.5 + (a - b) / 2)),
      ...(criterion !== undefined && { criterion }),
      provenance: sharedProvenance(votes.map(({ provenance }) => provenance)),
    };
  });
  return { comparisons, untouched };
};

const sharedProvenance = (all: readonly Provenance[]): Provenance => {
  const sources = [...new Set(all.map(({ source }) => source))].sort();
  const [{ annotatorKind, language }] = all as [Provenance, ...Provenance[]];
  const segments = sharedSegments(all.map((one) => one.segments ?? {}));
  return {
    source: sources.join(', '),
    ...(annotatorKind !== undefined &&
      all.every((one) => one.annotatorKind === annotatorKind) && { annotatorKind }),
    ...(language !== undefined && all.every((one) => one.language === language) && { language }),
    ...(Object.keys(segments).length > 0 && { segments }),
  };
};
