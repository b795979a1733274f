/** @file Rankings: how far the order of the rewards is the order that people gave. */
import type { PreferenceTree } from '@plaudit/feedback';
import {
  accuracyWithInterval,
  type BootstrapOptions,
  clusterBootstrap,
  differenceWithInterval,
  kendallTau,
  spearman,
} from '@plaudit/feedback';
import { clusterOf, type JoinOptions, type ResponseScore, rewardFor } from './pairs.ts';
import type { JudgementSections } from './sections.ts';

type TreeRanking = NonNullable<PreferenceTree['rankings']>[number];

interface RankedOrder {
  readonly cluster: string;
  readonly kendallTau: number;
  readonly spearman: number;
  readonly top1: number;
  readonly top1Chance: number;
}

/** Null for a ranking that puts all responses in one group: it says nothing. */
const orderOf = (
  { groups }: TreeRanking,
  rewardOf: (response: number) => number,
  cluster: string,
): RankedOrder | null => {
  if (groups.length < 2) return null;
  const responses = groups.flat();
  const rewards = responses.map(rewardOf);
  // A better place is a larger number, so that agreement is positive.
  const places = groups.flatMap((group, place) => group.map(() => -place));
  const best = Math.max(...rewards);
  const first = rewards.flatMap((reward, i) => (reward === best ? [i] : []));
  return {
    cluster,
    kendallTau: kendallTau(places, rewards).b ?? 0,
    spearman: spearman(places, rewards) ?? 0,
    top1: first.filter((i) => places[i] === 0).length / first.length,
    top1Chance: groups[0]!.length / responses.length,
  };
};

/**
 * The last group of a ranking that says no order for its rest is taken as tied, which tau-b leaves out of its counts.
 */
export const rankingSection = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly ResponseScore[])[],
  { clusters, criteria }: JoinOptions,
  bootstrap: BootstrapOptions,
): JudgementSections['rankings'] => {
  const orders = trees.flatMap((tree, at) =>
    (tree.rankings ?? []).flatMap(
      (ranking) =>
        orderOf(
          ranking,
          (response) => rewardFor(scores[at]![response]!, ranking.criterion, criteria),
          clusterOf(tree, clusters),
        ) ?? [],
    ),
  );
  if (orders.length === 0) return undefined;
  const tau = differenceWithInterval(orders, (order) => order.kendallTau, bootstrap);
  const top = accuracyWithInterval(orders, ({ top1 }) => top1, bootstrap);
  const mean = (value: (order: RankedOrder) => number): number =>
    clusterBootstrap(orders, value, { resamples: 1 }).mean;
  return {
    rankings: orders.length,
    prompts: new Set(orders.map(({ cluster }) => cluster)).size,
    kendallTau: tau.mean,
    kendallTauInterval: tau.interval,
    spearman: mean((order) => order.spearman),
    top1: top.accuracy,
    top1Interval: top.accuracyInterval,
    top1Chance: mean((order) => order.top1Chance),
  };
};
