/** @file Ratings by criterion: correlation of rewards with values, and the order of two responses to one prompt. */
import type { PreferenceTree } from '@plaudit/feedback';
import { accuracyWithInterval, averageRanks, type BootstrapOptions } from '@plaudit/feedback';
import { correlationWithInterval } from './correlation-interval.ts';
import { clusterOf, type JoinOptions, type ResponseScore, rewardFor } from './pairs.ts';
import type { JudgementSections } from './sections.ts';

interface RatedResponse {
  readonly tree: number;
  readonly response: number;
  readonly cluster: string;
  readonly reward: number;
  /** Mean over those who rated it, from 0 to 1 on its scale. */
  readonly value: number;
}

type Ratings = NonNullable<JudgementSections['ratings']>[number];

const ratedResponses = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly ResponseScore[])[],
  criterion: string | undefined,
  { clusters, criteria }: JoinOptions,
): RatedResponse[] =>
  trees.flatMap((tree, at) => {
    const own = (tree.ratings ?? []).filter((rating) => rating.criterion === criterion);
    return [...Map.groupBy(own, ({ response }) => response)].map(([response, given]) => ({
      tree: at,
      response,
      cluster: clusterOf(tree, clusters),
      reward: rewardFor(scores[at]![response]!, criterion, criteria),
      value:
        given.reduce(
          (sum, { value, scale: { least, most } }) => sum + (value - least) / (most - least || 1),
          0,
        ) / given.length,
    }));
  });

/** Pairs of responses to one prompt that were rated differently: 1 where the better rated has the higher reward. */
const orderedPairs = (rated: readonly RatedResponse[]): { cluster: string; right: number }[] =>
  [...Map.groupBy(rated, ({ tree }) => tree).values()].flatMap((own) =>
    own.flatMap((first, i) =>
      own.slice(i + 1).flatMap((second) => {
        if (first.value === second.value) return [];
        const lead = (first.reward - second.reward) * (first.value - second.value);
        return [{ cluster: first.cluster, right: lead > 0 ? 1 : lead < 0 ? 0 : 0.5 }];
      }),
    ),
  );

/** One entry for each criterion, overall ratings first. A response that several people rated counts once, with their mean. */
export const ratingSection = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly ResponseScore[])[],
  options: JoinOptions,
  bootstrap: BootstrapOptions,
): JudgementSections['ratings'] => {
  const named = new Set(trees.flatMap(({ ratings = [] }) => ratings.map(({ criterion }) => criterion)));
  if (named.size === 0) return undefined;
  const names = [...named].sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1));
  return names.map((criterion): Ratings => {
    const rated = ratedResponses(trees, scores, criterion, options);
    const rewards = rated.map(({ reward }) => reward);
    const values = rated.map(({ value }) => value);
    const clusters = rated.map(({ cluster }) => cluster);
    const linear = correlationWithInterval(rewards, values, clusters, bootstrap);
    const ranked = correlationWithInterval(averageRanks(rewards), averageRanks(values), clusters, bootstrap);
    const pairs = orderedPairs(rated);
    const order = pairs.length === 0 ? null : accuracyWithInterval(pairs, ({ right }) => right, bootstrap);
    return {
      criterion: criterion ?? null,
      objective: criterion === undefined ? null : (options.criteria?.[criterion] ?? null),
      ratings: rated.length,
      prompts: new Set(clusters).size,
      spearman: ranked?.correlation ?? null,
      spearmanInterval: ranked?.interval ?? null,
      pearson: linear?.correlation ?? null,
      pearsonInterval: linear?.interval ?? null,
      pairs: pairs.length,
      pairAccuracy: order?.accuracy ?? null,
      pairAccuracyInterval: order?.accuracyInterval ?? null,
    };
  });
};
