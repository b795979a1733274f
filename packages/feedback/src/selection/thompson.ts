/**
 * @file Double Thompson sampling over prompts: how likely two independent draws of the best response are to be the two of a
 * pair.
 *
 * The published rule draws the best response of a prompt twice and draws again while both are the same. Here many
 * prompts wait for few judgements, so a prompt whose draws are the same is passed over, and the chance that they are
 * responses i and j is the weight with which the pair is drawn. For a policy the second draw is of the worst response.
 *
 * @see Wu and Liu 2016; Dwaracherla et al. 2024, "Efficient Exploration for LLMs"; for a policy Melikidze et al. 2026
 *   (ActiveUltraFeedback), double reverse Thompson sampling
 */
import type { Random } from '@plaudit/contract';
import { normalCdf } from '../statistics/normal.ts';
import { gapOf, type ResponseBelief } from './belief.ts';
import type { Pool, SelectionPurpose } from './pool.ts';

/** Joint draws of the rewards of a prompt with more than two responses. */
const draws = 500;
/** A pivot below this share of the variance is rounding: the reward is then a sum of those before it. */
const leastPivot = 1e-9;

/** Lower triangle L with L Lᵀ the covariance of the rewards, row by row; rows that add nothing new are cut short by zeros. */
const covarianceRoot = (beliefs: readonly ResponseBelief[]): number[][] => {
  const rows: number[][] = [];
  for (const [i, { vector }] of beliefs.entries()) {
    const row: number[] = [];
    for (let j = 0; j <= i; j++) {
      const other = beliefs[j]!.vector;
      let covariance = 0;
      for (let k = 0; k < vector.length; k++) covariance += vector[k]! * other[k]!;
      const own = j < i ? rows[j]! : row;
      let rest = covariance;
      for (let k = 0; k < j; k++) rest -= row[k]! * own[k]!;
      if (j === i) row.push(rest > leastPivot * covariance ? Math.sqrt(rest) : 0);
      else row.push(own[j] === 0 ? 0 : rest / own[j]!);
    }
    rows.push(row);
  }
  return rows;
};

/** Of each response the probability of having the largest reward of its prompt, and of having the smallest. */
export interface Extremes {
  readonly best: readonly number[];
  readonly worst: readonly number[];
}

/** Of two responses exactly; of more by draws, and then above 0. */
export const extremesOf = (beliefs: readonly ResponseBelief[], random: Random): Extremes => {
  if (beliefs.length === 2) {
    const { mean, variance } = gapOf(beliefs[0]!, beliefs[1]!);
    const first = variance > 0 ? normalCdf(mean / Math.sqrt(variance)) : (Math.sign(mean) + 1) / 2;
    return { best: [first, 1 - first], worst: [1 - first, first] };
  }
  const root = covarianceRoot(beliefs);
  const bestCounts = beliefs.map(() => 1 / beliefs.length);
  const worstCounts = bestCounts.slice();
  for (let draw = 0; draw < draws; draw++) {
    const z = beliefs.map(() => random.normal());
    const values = beliefs.map(({ reward }, i) =>
      root[i]!.reduce((sum, coefficient, k) => sum + coefficient * z[k]!, reward),
    );
    let best = 0;
    let worst = 0;
    for (let i = 1; i < values.length; i++) {
      if (values[i]! > values[best]!) best = i;
      if (values[i]! < values[worst]!) worst = i;
    }
    bestCounts[best] = bestCounts[best]! + 1;
    worstCounts[worst] = worstCounts[worst]! + 1;
  }
  const shares = (counts: readonly number[]) => counts.map((count) => count / (draws + 1));
  return { best: shares(bestCounts), worst: shares(worstCounts) };
};

/** Of each pair of the pool the chance that the two draws are its responses. */
export const thompsonScores = (
  { candidates, pairs }: Pool,
  purpose: SelectionPurpose,
  random: Random,
): Float64Array => {
  const extremes = candidates.map(({ beliefs }) => extremesOf(beliefs, random));
  return Float64Array.from(pairs, ({ candidate, pair: [a, b] }) => {
    const { best, worst } = extremes[candidate]!;
    const second = purpose === 'policy' ? worst : best;
    return best[a]! * second[b]! + best[b]! * second[a]!;
  });
};
