/** @file Rare events: the interval of their rate, and whether there are more of them than there were. */
import { normalCdf } from '@plaudit/feedback';
import { crossing, normalPoint, poissonCdf } from './chi-square.ts';
import { type Measured, tooFew } from './measured.ts';

/** Above so many events the exact limits are those of the Wilson-Hilferty approximation to six digits. */
const mostExact = 20_000;

/** Wilson and Hilferty's approximation to the chi-square quantile, halved. */
const gammaPoint = (shape: number, p: number): number => {
  const spread = 1 / (9 * shape);
  return shape * (1 - spread + normalPoint(p) * Math.sqrt(spread)) ** 3;
};

/**
 * The exact interval of the mean of a Poisson count. Nothing seen still leaves an upper limit of about 3.7 (3 one-sided).
 *
 * @param level Default 0.95.
 * @see Garwood 1936
 */
export const poissonInterval = (count: number, level = 0.95): readonly [number, number] => {
  if (!(Number.isInteger(count) && count >= 0)) throw new RangeError('a count is 0, 1, 2, …');
  const tail = (1 - level) / 2;
  if (count > mostExact) return [gammaPoint(count, tail), gammaPoint(count + 1, 1 - tail)];
  const most = gammaPoint(count + 1, 1 - tail) * 2 + 10;
  return [
    count === 0 ? 0 : crossing((mean) => 1 - poissonCdf(count - 1, mean) - tail, 0, most),
    crossing((mean) => tail - poissonCdf(count, mean), 0, most),
  ];
};

export interface IncidentRate {
  /** Per unit of exposure. */
  readonly rate: number;
  readonly interval: readonly [number, number];
}

/**
 * @param exposure Responses, requests, hours: whatever the rate is per.
 * @param least Exposure that a rate needs. Default 1.
 */
export const incidentRate = (
  count: number,
  exposure: number,
  { level = 0.95, least = 1 }: { readonly level?: number; readonly least?: number } = {},
): Measured<IncidentRate> => {
  if (!(exposure >= least && exposure > 0)) return tooFew(exposure, least);
  const [low, high] = poissonInterval(count, level);
  return { enough: true, n: exposure, rate: count / exposure, interval: [low / exposure, high / exposure] };
};

export interface RateExcess {
  readonly expected: number;
  /** Count over what was expected. */
  readonly ratio: number;
  /** P(at least so many) at the old rate: for one look, at a window fixed beforehand. */
  readonly pValue: number;
  /** Evidence that may be looked at after every event; 1 / alpha is enough (Ville 1939). */
  readonly evidence: number;
}

/**
 * Whether there were more events than a known rate explains. The evidence is a mixture of likelihood ratios over rates that
 * are 1.25 to 30 times the old one.
 */
export const rateExcess = (
  count: number,
  exposure: number,
  rate: number,
  { least = 1 }: { readonly least?: number } = {},
): Measured<RateExcess> => {
  const expected = rate * exposure;
  if (!(exposure >= least && expected > 0)) return tooFew(exposure, least);
  const ratios = [1.25, 1.5, 2, 3, 5, 10, 30];
  const evidence =
    ratios.reduce((sum, ratio) => sum + Math.exp(count * Math.log(ratio) - (ratio - 1) * expected), 0) /
    ratios.length;
  const pValue =
    count === 0
      ? 1
      : count > mostExact
        ? normalCdf(-(count - 0.5 - expected) / Math.sqrt(expected))
        : Math.max(0, 1 - poissonCdf(count - 1, expected));
  return { enough: true, n: exposure, expected, ratio: count / expected, pValue, evidence };
};
