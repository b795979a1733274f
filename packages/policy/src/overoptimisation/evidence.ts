/**
 * @file Whether the gold reward has passed its peak, judged from noisy evaluations: by the fitted law, and by the fall itself
 * for runs that do not follow the law.
 */
import { combine, lawTerms, peakAt, regressLaw, rootOf } from './fit.ts';

/** An evaluation with a gold reward. */
export interface GoldEvaluation {
  readonly step: number;
  readonly kl: number;
  readonly proxy: number;
  readonly gold: number;
  /** Standard error of `gold`; null where it is not known. */
  readonly goldError: number | null;
}

/** How the rule found out: the law's peak has been passed, gold has fallen, or it fell far in one evaluation. */
export type PeakEvidence = 'curve' | 'fall' | 'collapse';

/** Evaluations that the standard errors as given count for beside what the evaluations' own scatter says. */
const priorEvaluations = 4;
/** Scatter alone is not believed from fewer second differences. */
const fewestDifferences = 4;
/** Gold must have risen by this many standard errors before a peak is looked for: noise has peaks too. */
const riseErrors = 4;
/** Gold must lie this share of its gain below its peak: less is not worth a stop, and the law is never exact. */
const leastDrop = 0.02;
/** Noise that floating-point sums of rewards have even where evaluations have none, as a share of gold. */
const rounding = 1e-9;
/** How many standard errors that drop must be: two evaluations below the best one, or the last one only. */
const dropErrors = { confirmed: 1, single: 1.5 };
/** The mean of the last two evaluations below the best three in a row, in standard errors: the best of many is too high. */
const fallErrors = 3;
/** The last evaluation below the best one, in standard errors. */
const collapseErrors = 4;
/** Evaluations below the first one until a run that has never been better is given up: many runs dip before they rise. */
const patience = 3;
/** Below this many evaluations three in a row are most of them. */
const fewestForFall = 6;

const meanSquare = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;

/**
 * Standard error of an evaluation. Second differences of a smooth curve are noise: their mean square is six times its
 * variance. The errors as given are an upper end: evaluations on the same prompts share much of their error, which moves the
 * whole curve and hides no peak.
 *
 * @returns null where no errors are given and the evaluations are too few
 */
const evaluationNoise = (evaluations: readonly GoldEvaluation[]): number | null => {
  const differences = evaluations
    .slice(2)
    .map(({ gold }, i) => evaluations[i]!.gold - 2 * evaluations[i + 1]!.gold + gold);
  const given = evaluations.flatMap(({ goldError }) => (goldError === null ? [] : [goldError]));
  if (given.length < evaluations.length)
    return differences.length < fewestDifferences ? null : Math.sqrt(meanSquare(differences) / 6);
  const variance = meanSquare(given);
  const scatter = differences.length === 0 ? 0 : meanSquare(differences) / 6;
  const pooled =
    (priorEvaluations * variance + differences.length * scatter) / (priorEvaluations + differences.length);
  return Math.sqrt(Math.min(variance, pooled));
};

/** By how much the fitted curve has fallen since its peak, in standard errors; null where it has not, or never rose. */
const fittedDrop = (evaluations: readonly GoldEvaluation[], noise: number): number | null => {
  const points = evaluations.map(({ kl, gold, goldError }) => ({ kl, gold, error: goldError }));
  const found = regressLaw(points, { law: 'rl' });
  if (!found) return null;
  const [alpha, beta] = found.coefficients as [number, number];
  const peak = peakAt('rl', alpha, beta);
  const now = rootOf(evaluations.at(-1)!.kl);
  if (peak === null || now <= peak) return null;
  const variance = (priorEvaluations * noise * noise + found.residual) / (priorEvaluations + found.freedom);
  const [alphaAtPeak, betaAtPeak] = lawTerms('rl', peak);
  const [alphaNow, betaNow] = lawTerms('rl', now);
  const gain = combine(found, [alphaAtPeak, betaAtPeak]);
  const drop = combine(found, [alphaAtPeak - alphaNow, betaAtPeak - betaNow]);
  if (gain.value < riseErrors * Math.sqrt(variance * gain.variance)) return null;
  if (drop.value < leastDrop * gain.value) return null;
  return drop.value / Math.sqrt(variance * drop.variance);
};

/** Whether the last two evaluations lie below the best three in a row beyond noise, after gold had risen or below its start. */
const hasFallen = (evaluations: readonly GoldEvaluation[], noise: number): boolean => {
  if (evaluations.length < fewestForFall) return false;
  const gold = (i: number): number => evaluations.at(i)!.gold;
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < evaluations.length - 2; i++)
    best = Math.max(best, (gold(i - 1) + gold(i) + gold(i + 1)) / 3);
  const now = (gold(-1) + gold(-2)) / 2;
  const rose = best - gold(0) > riseErrors * noise * Math.sqrt(1 + 1 / 3);
  const sank = gold(0) - now > fallErrors * noise * Math.sqrt(1 + 1 / 2);
  return (rose || sank) && best - now > fallErrors * noise * Math.sqrt(1 / 2 + 1 / 3);
};

/** null while nothing says that gold has passed its peak. Always null right after the best evaluation. */
export const peakEvidence = (evaluations: readonly GoldEvaluation[]): PeakEvidence | null => {
  const measured = evaluationNoise(evaluations);
  const best = bestOf(evaluations);
  if (measured === null || best === null) return null;
  const bestIndex = evaluations.indexOf(best);
  const since = evaluations.length - 1 - bestIndex;
  const drop = best.gold - evaluations.at(-1)!.gold;
  const noise = Math.max(measured, rounding * Math.max(...evaluations.map(({ gold }) => Math.abs(gold))));
  if (since < (bestIndex === 0 ? patience : 1)) return null;
  if (drop < leastDrop * (best.gold - evaluations[0]!.gold)) return null;
  if (drop > collapseErrors * noise * Math.SQRT2) return 'collapse';
  const fitted = fittedDrop(evaluations, noise);
  if (fitted !== null && fitted >= (since > 1 ? dropErrors.confirmed : dropErrors.single)) return 'curve';
  return since > 1 && hasFallen(evaluations, noise) ? 'fall' : null;
};

/** The first evaluation with the highest gold reward. */
export const bestOf = (evaluations: readonly GoldEvaluation[]): GoldEvaluation | null =>
  evaluations.reduce<GoldEvaluation | null>(
    (best, one) => (best === null || one.gold > best.gold ? one : best),
    null,
  );
