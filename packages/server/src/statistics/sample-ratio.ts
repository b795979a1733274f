/** @file Whether the arms of an experiment got the shares that they were to get: if not, something chose who is in which. */
import { chiSquareTail } from './chi-square.ts';
import { type Measured, tooFew } from './measured.ts';

export interface SampleRatio {
  readonly chiSquare: number;
  readonly pValue: number;
  /** Cohen's w: sqrt(chi-square / n). */
  readonly effect: number;
  /** The arm furthest from its share, and by which part of it. */
  readonly furthest: { readonly arm: number; readonly deviation: number };
  /** Whether the result of the experiment cannot be used. */
  readonly mismatch: boolean;
}

/** Below this the shares are wrong rather than unlucky: the usual bound, so low because it is looked at again and again. */
const alarm = 0.001;

/**
 * @param counts Units in each arm.
 * @param shares Meant for each arm; any positive weights.
 * @param least Expected units that each arm needs. Default 8.
 * @see Fabijan et al. 2019, "Diagnosing sample ratio mismatch in online controlled experiments"
 */
export const sampleRatio = (
  counts: readonly number[],
  shares: readonly number[],
  { least = 8 }: { readonly least?: number } = {},
): Measured<SampleRatio> => {
  if (counts.length !== shares.length || counts.length < 2)
    throw new RangeError('there are at least two arms, each with its share');
  if (shares.some((share) => !(share > 0))) throw new RangeError('shares are above 0');
  const n = counts.reduce((sum, count) => sum + count, 0);
  const weight = shares.reduce((sum, share) => sum + share, 0);
  const expected = shares.map((share) => (n * share) / weight);
  const fewest = Math.min(...expected);
  if (fewest < least) return tooFew(n, Math.ceil((least * weight) / Math.min(...shares)));
  const chiSquare = counts.reduce(
    (sum, count, arm) => sum + (count - expected[arm]!) ** 2 / expected[arm]!,
    0,
  );
  const pValue = chiSquareTail(chiSquare, counts.length - 1);
  const deviations = counts.map((count, arm) => count / expected[arm]! - 1);
  const arm = deviations.reduce(
    (most, deviation, i) => (Math.abs(deviation) > Math.abs(deviations[most]!) ? i : most),
    0,
  );
  return {
    enough: true,
    n,
    chiSquare,
    pValue,
    effect: Math.sqrt(chiSquare / n),
    furthest: { arm, deviation: deviations[arm]! },
    mismatch: pValue < alarm,
  };
};
