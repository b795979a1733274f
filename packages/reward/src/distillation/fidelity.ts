/** @file How faithful a proxy is to its teacher on prompts that it was not taught. */

import { sigmoid } from '@plaudit/contract';
import { accuracyWithInterval, differenceWithInterval, kendallTau } from '@plaudit/feedback';
import { correlationWithInterval } from '../validation/correlation-interval.ts';
import { clusterOf, correctness, countPrompts, scorePairs } from '../validation/pairs.ts';
import type { Fidelity } from './fidelity-document.ts';
import { type Lesson, orderedTree } from './lessons.ts';

export interface Believed {
  /** One for each response of each lesson. */
  readonly rewards: readonly (readonly number[])[];
  /** Divides differences of these rewards before the sigmoid. */
  readonly temperature: number;
}

/** Rewards about the mean of their prompt. */
const centred = (rewards: readonly number[]): number[] => {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  return rewards.map((reward) => reward - mean);
};

/** @returns null where the teacher orders no pair of these prompts */
export const measureFidelity = (
  lessons: readonly Lesson[],
  proxy: Believed,
  options: {
    /** Of the teacher. */
    readonly temperature: number;
    readonly seed: number;
    readonly clusters: ReadonlyMap<string, number>;
  },
): Fidelity | null => {
  const { temperature, seed, clusters } = options;
  const trees = lessons.map(orderedTree);
  const scores = proxy.rewards.map((rewards) => rewards.map((reward) => ({ reward })));
  const pairs = scorePairs(trees, scores, clusters);
  if (pairs.length === 0) return null;
  const ofTeacher = scorePairs(
    trees,
    lessons.map(({ rewards }) => rewards.map((reward) => ({ reward }))),
    clusters,
  );
  const { accuracy, accuracyInterval } = accuracyWithInterval(pairs, correctness, { seed });
  const orders = lessons.map(({ tree, rewards }, i) => ({
    cluster: clusterOf(tree, clusters),
    teacher: rewards,
    proxy: proxy.rewards[i]!,
  }));
  const ordered = orders.filter(({ teacher }) => new Set(teacher).size > 1);
  const tau = differenceWithInterval(ordered, (one) => kendallTau(one.teacher, one.proxy).b ?? 0, { seed });
  const found = correlationWithInterval(
    ordered.flatMap(({ teacher }) => centred(teacher)),
    ordered.flatMap((one) => centred(one.proxy)),
    ordered.flatMap(({ cluster, teacher }) => teacher.map(() => cluster)),
    { seed },
  );
  const distances = pairs.map(({ winnerReward, loserReward }, i) => {
    const teacher = ofTeacher[i]!;
    const said = sigmoid((teacher.winnerReward - teacher.loserReward) / temperature);
    return Math.abs(said - sigmoid((winnerReward - loserReward) / proxy.temperature));
  });
  return {
    pairs: pairs.length,
    prompts: countPrompts(pairs),
    agreement: accuracy,
    agreementInterval: accuracyInterval,
    kendallTau: tau.mean,
    kendallTauInterval: tau.interval,
    correlation: found?.correlation ?? null,
    correlationInterval: found?.interval ?? null,
    probabilityError: distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
  };
};
