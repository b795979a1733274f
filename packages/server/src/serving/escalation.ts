/** @file When the quick model's word is enough, and when the thorough one is asked as well. */
import type { ModelCard } from '@plaudit/reward';
import type { ServedScore } from './protocol.ts';

export const modes = ['fast', 'thorough', 'auto'] as const;
export type Mode = (typeof modes)[number];

export interface EscalationRule {
  /** Several responses: the best one leads the next by less than this many standard deviations of the model's rewards. */
  readonly margin: number;
  /** Where the model says how uncertain it is: the lead is less than this many standard deviations of itself. */
  readonly deviations: number;
  /** One response: its calibrated probability is nearer to a half than this. */
  readonly probability: number;
}

/**
 * Half of a standard deviation is a lead that a Bradley-Terry model of unit scale sees reversed in four of ten comparisons;
 * 1.64 standard deviations of a lead are nineteen of twenty on one side.
 */
export const defaultEscalation: EscalationRule = { margin: 0.5, deviations: 1.64, probability: 0.2 };

/** Whether the quick model is unsure: about the best of several responses, or about whether the only one is good. */
export const isUnsure = (
  scores: readonly ServedScore[],
  { normaliser }: Pick<ModelCard, 'normaliser'>,
  rule: EscalationRule = defaultEscalation,
): boolean => {
  if (scores.length === 1) {
    const { calibrated, uncertainty } = scores[0]!;
    if (calibrated !== null) return Math.abs(calibrated - 0.5) < rule.probability;
    return uncertainty === null || uncertainty > normaliser.std * rule.margin;
  }
  const [best, next] = [...scores].sort((a, b) => b.reward - a.reward) as [ServedScore, ServedScore];
  const lead = best.reward - next.reward;
  if (lead < rule.margin * normaliser.std) return true;
  if (best.uncertainty === null || next.uncertainty === null) return false;
  return lead < rule.deviations * Math.hypot(best.uncertainty, next.uncertainty);
};
