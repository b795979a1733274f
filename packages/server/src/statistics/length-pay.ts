/** @file What a reward pays for length: the correlation within prompts, with its interval, and the slope. */
import type { Interval } from '@plaudit/feedback';
import { type RewardedLength, withinPromptLengthCorrelation } from '@plaudit/policy';
import { normalPoint } from './chi-square.ts';
import { type Measured, tooFew } from './measured.ts';

export interface LengthPay {
  /** Of reward and length after taking the mean of each prompt from both; null where one never varies within a prompt. */
  readonly correlation: number | null;
  /** 95 %, by Fisher's z with one degree of freedom less for each prompt. */
  readonly interval: Interval | null;
  /** Reward for 100 more units of length, within prompts. */
  readonly slope: number | null;
}

/**
 * @param groups The responses of each prompt; a prompt with one response says nothing and does not count.
 * @param least Responses beyond the first of their prompts. Default 50.
 */
export const lengthPay = (
  groups: readonly (readonly RewardedLength[])[],
  { least = 50 }: { readonly least?: number } = {},
): Measured<LengthPay> => {
  const several = groups.filter((group) => group.length > 1);
  const responses = several.reduce((sum, group) => sum + group.length, 0);
  const free = responses - several.length;
  if (free < least || free < 4) return tooFew(free, Math.max(4, least));
  const correlation = withinPromptLengthCorrelation(several);
  let [xy, xx] = [0, 0];
  for (const group of several) {
    const reward = group.reduce((sum, one) => sum + one.reward, 0) / group.length;
    const length = group.reduce((sum, one) => sum + one.length, 0) / group.length;
    for (const one of group) {
      xy += (one.reward - reward) * (one.length - length);
      xx += (one.length - length) ** 2;
    }
  }
  let interval: Interval | null = null;
  if (correlation !== null && Math.abs(correlation) < 1) {
    const half = normalPoint(0.975) / Math.sqrt(free - 2);
    interval = [Math.tanh(Math.atanh(correlation) - half), Math.tanh(Math.atanh(correlation) + half)];
  }
  return { enough: true, n: responses, correlation, interval, slope: xx > 0 ? (100 * xy) / xx : null };
};
