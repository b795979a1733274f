/** @file How many units an experiment takes to see an effect, when it may be looked at on every day. */
import { normalPoint } from '../statistics/chi-square.ts';
import { sequenceWidth } from '../statistics/confidence-sequence.ts';

export interface SizeOptions {
  /** Least effect that matters, in standard deviations of the metric. */
  readonly effect: number;
  /** Default 2. */
  readonly arms?: number;
  /** Chance of a wrong claim, over all arms and looks. Default 0.05. */
  readonly alpha?: number;
  /** Chance to see the effect where it is there. Default 0.8. */
  readonly power?: number;
  /** Correlation of the metric with the units' covariate. Default 0. */
  readonly correlation?: number;
}

export interface ExperimentSize {
  /** Of all arms together, of equal shares. */
  readonly units: number;
  /** What it would take if it were looked at once, at the end. */
  readonly lookedAtOnce: number;
}

/** The least n for which `found` holds; it holds for every larger one. */
const leastFor = (found: (n: number) => boolean): number => {
  let [low, high] = [1, 2];
  while (!found(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (found(middle)) high = middle;
    else low = middle;
  }
  return high;
};

/**
 * The units at which the interval of a sequence that is tuned to them excludes 0 with the power asked for; a covariate takes
 * the share of the variance that it explains away first.
 *
 * @throws RangeError for an effect of 0 or a correlation of 1
 */
export const experimentSize = ({
  effect,
  arms = 2,
  alpha = 0.05,
  power = 0.8,
  correlation = 0,
}: SizeOptions): ExperimentSize => {
  if (!(effect > 0)) throw new RangeError('an effect is above 0');
  if (!(Math.abs(correlation) < 1)) throw new RangeError('a correlation of 1 leaves nothing to measure');
  const deviation = Math.sqrt(1 - correlation ** 2);
  const each = alpha / (arms - 1);
  const z = normalPoint(power);
  // Of two arms with n units together, the difference has the standard error 2 / sqrt(n).
  const pair = leastFor(
    (n) => effect >= deviation * (2 * sequenceWidth(n, each, n) + (2 * z) / Math.sqrt(n)),
  );
  const once = leastFor((n) => effect >= (deviation * 2 * (normalPoint(1 - each / 2) + z)) / Math.sqrt(n));
  return { units: Math.ceil((pair * arms) / 2), lookedAtOnce: Math.ceil((once * arms) / 2) };
};
