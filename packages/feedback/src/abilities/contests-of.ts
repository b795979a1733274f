/** @file Comparisons of responses as contests of the systems that wrote them. */
import type { Comparison, Judgement } from '@plaudit/contract';
import { comparisonUnit } from '../agreement/comparison-unit.ts';
import type { Contest } from './contest.ts';

export interface ContestOptions {
  /** Which systems wrote the two responses, in their order; undefined where that is not known. */
  readonly systemsOf: (comparison: Comparison) => readonly [string, string] | undefined;
  /** By how much the first response is ahead in what should not count, for instance `styleDifferences`. */
  readonly covariatesOf?: (comparison: Comparison) => Readonly<Record<string, number>>;
  /** Takes `preference`, where there is one, as the share of a win. Default false: the outcome counts. */
  readonly soft?: boolean;
}

export interface ContestsOfComparisons {
  readonly contests: readonly Contest[];
  /** Comparisons whose systems are not known or are one and the same. */
  readonly setAside: number;
}

/**
 * One contest for each comparison; those of one prompt are one cluster, and what was shown first is at home. Both bad says
 * nothing of which is better, and counts as a tie.
 *
 * @example
 * const { contests } = contestsOf(judgements, {
 *   systemsOf: ({ provenance: { segments } }) => [segments!.generator_1!, segments!.generator_2!],
 *   covariatesOf: styleDifferences,
 * });
 */
export const contestsOf = (
  judgements: Iterable<Judgement>,
  { systemsOf, covariatesOf, soft = false }: ContestOptions,
): ContestsOfComparisons => {
  const contests: Contest[] = [];
  let setAside = 0;
  for (const judgement of judgements) {
    if (judgement.kind !== 'comparison') continue;
    const { outcome, preference, provenance } = judgement;
    const systems = systemsOf(judgement);
    if (systems === undefined || systems[0] === systems[1]) {
      setAside++;
      continue;
    }
    const [a, b] = systems;
    const share = soft ? preference : undefined;
    const wins =
      share === undefined
        ? {
            aWins: outcome === 'a' ? 1 : 0,
            bWins: outcome === 'b' ? 1 : 0,
            ties: outcome === 'tie' || outcome === 'both_bad' ? 1 : 0,
          }
        : { aWins: share, bWins: 1 - share };
    contests.push({
      a,
      b,
      ...wins,
      cluster: comparisonUnit(judgement).cluster,
      ...(provenance.shownFirst !== undefined && { home: provenance.shownFirst === 0 ? 'a' : 'b' }),
      ...(covariatesOf && { covariates: covariatesOf(judgement) }),
    });
  }
  return { contests, setAside };
};

/** What is counted in a response that has nothing to do with being right. */
const styles: Readonly<Record<string, (text: string) => number>> = {
  length: (text) => text.length,
  headings: (text) => text.match(/^#{1,6} /gm)?.length ?? 0,
  lists: (text) => text.match(/^[ \t]*(?:[-*+]|\d{1,3}[.)]) /gm)?.length ?? 0,
  bold: (text) => text.match(/\*\*[^*\n]+\*\*/g)?.length ?? 0,
};

/**
 * By how much the first response is ahead in length and in Markdown headings, list items and bold passages: each as
 * (first - second) / (first + second + 1), between -1 and 1.
 *
 * @see Li et al. 2024, "Does style matter? Disentangling style and substance in Chatbot Arena"
 */
export const styleDifferences = ({
  responses: [first, second],
}: Pick<Comparison, 'responses'>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(styles).map(([name, count]) => {
      const [one, other] = [count(first), count(second)];
      return [name, (one - other) / (one + other + 1)];
    }),
  );
