/** @file Every check of every annotator in one report, with what gives cause for concern. */
import type { Judgement } from '@plaudit/contract';
import {
  type CriterionValues,
  type JudgedValue,
  valuesOfJudgements,
} from '../../agreement/criterion-values.ts';
import type { Category } from '../../agreement/reliability-table.ts';
import { type CheckOptions, type CheckResult, checkVotes } from './checks.ts';
import { type Contrarian, contrarians } from './contrarians.ts';
import { type LikePair, likePairs } from './copies.ts';
import { type AnnotatorSpeed, judgingSpeeds } from './speed.ts';
import { type LongestRun, longestRuns, type SideShare, sideShares } from './straight-lining.ts';

/** Units whose right value is known: of comparisons the canonical side, tie or both_bad; of labels desirable or undesirable. */
type KnownValues = ReadonlyMap<string, Category>;

export interface HealthOptions {
  /** Ordinary items that experts answered, mixed in unseen. */
  readonly gold?: KnownValues;
  readonly goldChecks?: CheckOptions;
  /** Items that anybody who reads them answers rightly. */
  readonly attention?: KnownValues;
  /** Default: a bar of 0.9. */
  readonly attentionChecks?: CheckOptions;
  /** Seconds from showing to answering, where they are known. */
  readonly secondsOf?: (judgement: Judgement) => number | undefined;
}

/** What may be wrong with an annotator. Only failed checks are a reason to pause; the others are reasons to look. */
export type Concern =
  | { readonly concern: 'gold' | 'attention' | 'hasty' | 'side bias' | 'straight-lining' }
  | { readonly concern: 'contrarian'; readonly criterion?: string }
  | { readonly concern: 'copy'; readonly criterion?: string; readonly of: string };

export interface AnnotatorHealth {
  readonly annotator: string;
  readonly judgements: number;
  readonly pause: boolean;
  readonly concerns: readonly Concern[];
  /** Absent where nothing of the kind was asked or is known. */
  readonly gold?: CheckResult;
  readonly attention?: CheckResult;
  readonly speed?: AnnotatorSpeed;
  readonly sides?: SideShare;
  /** Of the answers to comparisons as they were shown: first, second, tie, both bad. */
  readonly run?: LongestRun;
}

export interface HealthReport {
  readonly annotators: readonly AnnotatorHealth[];
  /** By criterion, of comparisons and labels: the pairs of a ranking and the steps of a response hang together. */
  readonly criteria: readonly {
    readonly kind: CriterionValues['kind'];
    readonly criterion?: string;
    readonly contrarians: readonly Contrarian[];
    readonly likePairs: readonly LikePair[];
  }[];
  /** Judgements that name nobody, and times that cannot be. */
  readonly setAside: { readonly 'without annotator': number; readonly 'unusable time': number };
}

/**
 * @param judgements In the order in which they were given; an annotator's runs and checks follow it
 * @example annotatorHealth(judgements, { gold }).annotators.filter(({ pause }) => pause)
 */
export const annotatorHealth = (
  judgements: readonly Judgement[],
  options: HealthOptions = {},
): HealthReport => {
  const { tables, setAside } = valuesOfJudgements(judgements);
  const independent = tables.filter(({ kind }) => kind === 'comparison' || kind === 'label');
  const values = independent.flatMap((table) => table.values);
  const criteria = independent.map((table) => ({
    kind: table.kind,
    ...(table.criterion !== undefined && { criterion: table.criterion }),
    contrarians: contrarians(table.values),
    likePairs: likePairs(table.values),
  }));
  const speeds = judgingSpeeds(timesOf(judgements, options));
  const gold = byAnnotator(checkVotes(checked(values, options.gold), options.goldChecks));
  const attention = byAnnotator(
    checkVotes(checked(values, options.attention), { bar: 0.9, ...options.attentionChecks }),
  );
  const speed = byAnnotator(speeds.annotators);
  const shown = shownAnswers(judgements);
  const sides = byAnnotator(
    sideShares(
      shown.flatMap(({ annotator, answer }) =>
        answer === 'first' || answer === 'second' ? [{ annotator, side: answer }] : [],
      ),
    ),
  );
  const runs = byAnnotator(longestRuns(shown));
  const counts = Map.groupBy(
    judgements.flatMap(({ provenance: { annotator } }) => annotator ?? []),
    (annotator) => annotator,
  );
  const amongOthers = concernsAmongOthers(criteria);
  const annotators = [...counts].map(([annotator, { length }]): AnnotatorHealth => {
    const found = {
      ...(gold.has(annotator) && { gold: gold.get(annotator)! }),
      ...(attention.has(annotator) && { attention: attention.get(annotator)! }),
      ...(speed.has(annotator) && { speed: speed.get(annotator)! }),
      ...(sides.has(annotator) && { sides: sides.get(annotator)! }),
      ...(runs.has(annotator) && { run: runs.get(annotator)! }),
    };
    const pause = found.gold?.pause === true || found.attention?.pause === true;
    const concerns = [...concernsOf(found), ...(amongOthers.get(annotator) ?? [])];
    return { annotator, judgements: length, pause, concerns, ...found };
  });
  return {
    annotators,
    criteria,
    setAside: {
      'without annotator': setAside['without annotator'] ?? 0,
      'unusable time': speeds.unusable,
    },
  };
};

const byAnnotator = <Result extends { readonly annotator: string }>(
  results: readonly Result[],
): Map<string, Result> => new Map(results.map((result) => [result.annotator, result]));

const checked = (values: readonly JudgedValue[], known: KnownValues | undefined) =>
  values.flatMap(({ annotator, unit, value }) =>
    known?.has(unit) ? [{ annotator, right: known.get(unit) === value }] : [],
  );

const timesOf = (judgements: readonly Judgement[], { secondsOf }: HealthOptions) =>
  judgements.flatMap((judgement) => {
    const { annotator } = judgement.provenance;
    const seconds = secondsOf?.(judgement);
    if (annotator === undefined || seconds === undefined) return [];
    const unit = valuesOfJudgements([judgement]).tables[0]?.values[0]?.unit ?? '';
    return [{ annotator, unit, seconds }];
  });

/** Comparisons whose order is known, by what was chosen as it was shown. */
const shownAnswers = (judgements: readonly Judgement[]) =>
  judgements.flatMap((judgement) => {
    if (judgement.kind !== 'comparison') return [];
    const { outcome, provenance } = judgement;
    const { annotator, shownFirst } = provenance;
    if (annotator === undefined || shownFirst === undefined) return [];
    if (outcome === 'tie' || outcome === 'both_bad') return [{ annotator, answer: outcome }];
    return [{ annotator, answer: (outcome === 'a') === (shownFirst === 0) ? 'first' : 'second' }];
  });

const concernsOf = (found: Partial<AnnotatorHealth>): Concern[] => [
  ...(found.gold?.pause ? [{ concern: 'gold' as const }] : []),
  ...(found.attention?.pause ? [{ concern: 'attention' as const }] : []),
  ...(found.speed?.hasty ? [{ concern: 'hasty' as const }] : []),
  ...(found.sides?.biased ? [{ concern: 'side bias' as const }] : []),
  ...(found.run?.straightLining ? [{ concern: 'straight-lining' as const }] : []),
];

const concernsAmongOthers = (criteria: HealthReport['criteria']): ReadonlyMap<string, Concern[]> => {
  const concerns = new Map<string, Concern[]>();
  const add = (annotator: string, concern: Concern): void => {
    concerns.set(annotator, [...(concerns.get(annotator) ?? []), concern]);
  };
  for (const { contrarians, likePairs, criterion: name } of criteria) {
    const criterion = name !== undefined && { criterion: name };
    for (const { annotator, outlier } of contrarians)
      if (outlier) add(annotator, { concern: 'contrarian', ...criterion });
    for (const { annotators, copied } of likePairs) {
      if (!copied) continue;
      const [first, second] = annotators;
      add(first, { concern: 'copy', ...criterion, of: second });
      add(second, { concern: 'copy', ...criterion, of: first });
    }
  }
  return concerns;
};
