/** @file The right values of units, from the judgements of people who are trusted: gold items. */
import type { Judgement } from '@plaudit/contract';
import { valuesOfJudgements } from '../agreement/criterion-values.ts';
import type { Category } from '../agreement/reliability-table.ts';

export interface KnownValuesOfJudgements {
  /** Unit to value, of comparisons, rankings (as comparisons), labels and steps. */
  readonly known: ReadonlyMap<string, Category>;
  /** Units of which the trusted say different things; they are not among the known. */
  readonly contradictory: number;
}

/**
 * What trusted judgements say, for the `gold` of the models and checks of this folder. Who gave them does not matter.
 *
 * @example dawidSkene(table.values, { gold: knownValues(expertJudgements).known })
 */
export const knownValues = (trusted: Iterable<Judgement>): KnownValuesOfJudgements => {
  const named = Array.from(trusted, (judgement): Judgement => {
    const provenance = { ...judgement.provenance, annotator: 'trusted' };
    return { ...judgement, provenance };
  });
  const known = new Map<string, Category>();
  const contradictory = new Set<string>();
  for (const { measurement, values } of valuesOfJudgements(named).tables) {
    if (measurement !== 'nominal') continue;
    for (const { unit, value } of values) {
      if (known.has(unit) && known.get(unit) !== value) contradictory.add(unit);
      known.set(unit, value);
    }
  }
  for (const unit of contradictory) known.delete(unit);
  return { known, contradictory: contradictory.size };
};
