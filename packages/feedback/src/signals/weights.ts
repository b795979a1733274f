/** @file Weights of judgements from signals: rare ones count for those that were not given, and nobody counts for many. */
import { inversePropensity } from './estimate.ts';
import type { SignalRules } from './rules.ts';

/** What the weight of a judgement is made from. */
export interface Weighable {
  readonly rule: string;
  /** What a judgement of the rule weighs on average. */
  readonly weight: number;
  /** The probability with which it came to be. */
  readonly propensity: number;
  readonly user: string | undefined;
  readonly time: string;
}

/**
 * Inverse propensities, clipped; normalised within each rule to the weight of the rule on average; then made smaller where
 * one user's of one day sum to more than the cap. Judgements without a user are not capped: nothing says whose they are.
 *
 * @returns The weights in the given order, and how many the cap made smaller
 */
export const weighted = (
  judgements: readonly Weighable[],
  { propensity, perUserAndDay }: Pick<SignalRules, 'propensity' | 'perUserAndDay'>,
): { weights: number[]; capped: number } => {
  const inverse = judgements.map((one) => inversePropensity(one.propensity, propensity.clip));
  const weights = [...inverse];
  for (const places of Map.groupBy(judgements.keys(), (i) => judgements[i]!.rule).values()) {
    const mean = places.reduce((sum, i) => sum + inverse[i]!, 0) / places.length;
    for (const i of places) weights[i] = (judgements[i]!.weight * inverse[i]!) / mean;
  }
  let capped = 0;
  const named = [...judgements.keys()].filter((i) => judgements[i]!.user !== undefined);
  for (const places of Map.groupBy(named, (i) => userAndDay(judgements[i]!)).values()) {
    const sum = places.reduce((total, i) => total + weights[i]!, 0);
    if (sum <= perUserAndDay) continue;
    capped += places.length;
    for (const i of places) weights[i] = (weights[i]! * perUserAndDay) / sum;
  }
  return { weights, capped };
};

/** Days are those of UTC: a log has users in many places. */
const userAndDay = ({ user, time }: Weighable): string =>
  JSON.stringify([user, new Date(time).toISOString().slice(0, 10)]);
