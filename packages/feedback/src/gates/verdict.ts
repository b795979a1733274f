/** @file From what a gate measured to its verdict: a warning needs a value beyond the threshold, a failure certainty. */
import type { Bounds, Verdict } from './document.ts';
import type { Observation, Thresholds } from './gate.ts';

const outside = (value: number, { least, most }: Bounds): boolean =>
  (least !== undefined && value < least) || (most !== undefined && value > most);

/** Whether both ends lie beyond the same side. */
const surelyOutside = ([low, high]: readonly [number, number], { least, most }: Bounds): boolean =>
  (least !== undefined && high < least) || (most !== undefined && low > most);

/**
 * Fails where the whole interval lies outside the bounds of `fail`. Warns where the value lies outside the bounds of either,
 * unless the interval holds the neutral value, so that a few rows cannot raise an alarm by chance.
 */
export const verdictOf = ({ value, interval, neutral }: Observation, { warn, fail }: Thresholds): Verdict => {
  if (value === null) return 'not_applicable';

  const range = interval ?? ([value, value] as const);
  if (fail !== null && surelyOutside(range, fail)) return 'fail';
  const byChance =
    neutral !== undefined && range[0] <= neutral && neutral <= range[1] && interval !== undefined;
  const beyond = [warn, fail].some((limit) => limit !== null && outside(value, limit));
  return beyond && !byChance ? 'warn' : 'pass';
};
