/** @file Accuracy by criterion: each is judged by the objective that speaks of it, where the model has one. */
import { accuracyWithInterval, type BootstrapOptions } from '@plaudit/feedback';
import { correctness, countPrompts, type ScoredPair } from './pairs.ts';
import type { JudgementSections } from './sections.ts';

type Criterion = NonNullable<JudgementSections['criteria']>[number];

/**
 * @param pairs All of them, scored as the card's criteria say; those that judgements imply count where nobody compared.
 */
export const criterionSection = (
  pairs: readonly ScoredPair[],
  criteria: Readonly<Record<string, string>> | undefined,
  bootstrap: BootstrapOptions,
): JudgementSections['criteria'] => {
  const named = pairs.filter(({ criterion }) => criterion !== undefined);
  if (named.length === 0) return undefined;
  const byName = [...Map.groupBy(named, ({ criterion }) => criterion!)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byName.map(([criterion, all]): Criterion => {
    const direct = all.filter(({ impliedBy }) => impliedBy === undefined);
    const judged = direct.length > 0 ? direct : all;
    return {
      criterion,
      objective: criteria && Object.hasOwn(criteria, criterion) ? criteria[criterion]! : null,
      pairs: judged.length,
      prompts: countPrompts(judged),
      ...accuracyWithInterval(judged, correctness, bootstrap),
      implied: direct.length === 0,
    };
  });
};
