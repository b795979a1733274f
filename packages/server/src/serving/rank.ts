/** @file From the scores of responses to one prompt to their order. */
import { sigmoid } from '@plaudit/contract';
import type { ModelCard } from '@plaudit/reward';
import type { z } from 'zod';
import type { rankedResponse } from './rank-documents.ts';

/**
 * The probability that one response would be preferred to another one it leads; null for a model whose calibration does not
 * speak of pairs.
 */
const pairProbability = ({ calibration }: Pick<ModelCard, 'calibration'>, lead: number): number | null =>
  calibration === null || (calibration.on ?? 'pairs') !== 'pairs'
    ? null
    : sigmoid(lead / calibration.temperature);

/**
 * The best response first. Responses whose scores differ by no more than the tolerance from the one before them share its
 * rank; the same scores keep the order of the request.
 *
 * @param scores Of each response, by its index
 */
export const ranked = <Score extends { readonly index: number; readonly score: number }>(
  scores: readonly Score[],
  card: Pick<ModelCard, 'calibration'>,
  tolerance = 0,
): (Score & Pick<z.input<typeof rankedResponse>, 'rank' | 'lead' | 'probability_over_next'>)[] => {
  const sorted = [...scores].sort((a, b) => b.score - a.score || a.index - b.index);
  let rank = 1;
  return sorted.map((one, place) => {
    const [before, next] = [sorted[place - 1], sorted[place + 1]];
    if (before && before.score - one.score > tolerance) rank = place + 1;
    const lead = next === undefined ? null : one.score - next.score;
    return { ...one, rank, lead, probability_over_next: lead === null ? null : pairProbability(card, lead) };
  });
};
