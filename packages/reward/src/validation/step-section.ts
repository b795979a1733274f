/** @file Steps: which of them are right, and where the first mistake is. */
import type { PreferenceTree } from '@plaudit/feedback';
import { accuracyWithInterval, type BootstrapOptions, rocAuc } from '@plaudit/feedback';
import { isDesirable, judgedReward, scoreSteps } from './headline.ts';
import { majorityShare } from './label-section.ts';
import { clusterOf, correctness, countPrompts, type JoinOptions, type ResponseScore } from './pairs.ts';
import type { JudgementSections } from './sections.ts';

interface JudgedChain {
  readonly cluster: string;
  /** Whether people found a mistake. */
  readonly mistaken: boolean;
  /** 1 where the model puts the first mistake where people do, or neither finds one. */
  readonly right: number;
}

/** Responses whose steps are all judged up to the first mistake. */
const chainsOf = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly ResponseScore[])[],
  { clusters }: JoinOptions,
): JudgedChain[] =>
  trees.flatMap((tree, at) =>
    (tree.steps ?? []).flatMap(({ response, labels }) => {
      const rewards = scores[at]![response]!.steps;
      const first = labels.indexOf(false);
      const judged = labels.slice(0, first < 0 ? labels.length : first + 1);
      if (rewards === undefined || rewards.length !== labels.length || judged.includes(null)) return [];
      const found = rewards.findIndex((reward) => reward < 0);
      return [{ cluster: clusterOf(tree, clusters), mistaken: first >= 0, right: found === first ? 1 : 0 }];
    }),
  );

const shareRight = (chains: readonly JudgedChain[]): number | null =>
  chains.length === 0 ? null : chains.reduce((sum, { right }) => sum + right, 0) / chains.length;

const harmonicMean = (a: number, b: number): number => (a + b === 0 ? 0 : (2 * a * b) / (a + b));

/** Absent where nothing was judged by steps, or the model gives no rewards at their ends. */
export const stepSection = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly ResponseScore[])[],
  options: JoinOptions,
  bootstrap: BootstrapOptions,
): JudgementSections['steps'] => {
  const judged = scoreSteps(trees, scores, options);
  const chains = chainsOf(trees, scores, options);
  if (judged.length === 0 || chains.length === 0) return undefined;
  const first = accuracyWithInterval(chains, ({ right }) => right, bootstrap);
  const amongMistaken = shareRight(chains.filter(({ mistaken }) => mistaken));
  const amongRight = shareRight(chains.filter(({ mistaken }) => !mistaken));
  return {
    responses: chains.length,
    prompts: countPrompts(judged),
    steps: judged.length,
    positives: judged.filter(isDesirable).length,
    ...accuracyWithInterval(judged, correctness, bootstrap),
    majorityBaseline: majorityShare(judged),
    rocAuc: rocAuc(judged.map(judgedReward), judged.map(isDesirable)),
    firstMistakeAccuracy: first.accuracy,
    firstMistakeInterval: first.accuracyInterval,
    neverMistaken: chains.filter(({ mistaken }) => !mistaken).length / chains.length,
    amongMistaken,
    amongRight,
    f1: amongMistaken === null || amongRight === null ? null : harmonicMean(amongMistaken, amongRight),
  };
};
