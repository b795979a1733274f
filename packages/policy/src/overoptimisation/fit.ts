/**
 * @file The over-optimisation law: how the gold reward rises and falls with d, the square root of the divergence from the
 * initial policy. Best-of-n: R(d) = d (alpha - beta d). Reinforcement learning: R(d) = d (alpha - beta ln d).
 *
 * Gao et al. 2022 (arXiv 2210.10760), section 3.1. R is the gain over the gold reward of the initial policy.
 */
import { leastSquares } from './least-squares.ts';

export type OverOptimisationLaw = 'best-of-n' | 'rl';

/** One evaluation of a policy. */
export interface GoldPoint {
  /** Divergence from the initial policy, nats; what an estimate puts below 0 counts as 0. */
  readonly kl: number;
  readonly gold: number;
  /** Standard error of `gold`; where every point has one above 0, points are weighted by one over its square. */
  readonly error?: number | null;
}

export interface FitOptions {
  readonly law: OverOptimisationLaw;
  /** Gold reward of the initial policy. Without it it is a third coefficient of the fit. */
  readonly start?: number;
}

/** Where the fitted curve is highest. */
export interface GoldPeak {
  /** Square root of nats. */
  readonly d: number;
  /** Standard error of `d`, to first order in those of alpha and beta. */
  readonly dError: number;
  /** Nats: the square of `d`. */
  readonly kl: number;
  /** Over the initial policy. */
  readonly gain: number;
  readonly gold: number;
  /** Whether the policy has been at least that far: a peak beyond the points is a guess. */
  readonly reached: boolean;
}

export interface OverOptimisationFit {
  readonly law: OverOptimisationLaw;
  readonly alpha: number;
  readonly beta: number;
  /** Standard errors, from the residuals. */
  readonly alphaError: number;
  readonly betaError: number;
  /** Gold reward of the initial policy, and its standard error; null where it was given. */
  readonly start: number;
  readonly startError: number | null;
  /** 1 - residual / total weighted sum of squares about the mean; null where gold never varies. */
  readonly r2: number | null;
  readonly points: number;
  /** null where the curve has no highest point: beta at most 0, or gold that falls from the start. */
  readonly peak: GoldPeak | null;
}

/** d of a divergence in nats. */
export const rootOf = (kl: number): number => Math.sqrt(Math.max(0, kl));

/** What alpha and beta are multiplied with. */
export const lawTerms = (law: OverOptimisationLaw, d: number): readonly [number, number] => {
  if (law === 'best-of-n') return [d, -d * d];
  return [d, d > 0 ? -d * Math.log(d) : 0];
};

/** The gain in gold reward at d. */
export const lawGain = (
  law: OverOptimisationLaw,
  { alpha, beta }: { readonly alpha: number; readonly beta: number },
  d: number,
): number => {
  const [a, b] = lawTerms(law, d);
  return alpha * a + beta * b;
};

/** Where the curve is highest: d = alpha / 2 beta for best-of-n, exp(alpha / beta - 1) for reinforcement learning. */
export const peakAt = (law: OverOptimisationLaw, alpha: number, beta: number): number | null => {
  if (!(beta > 0)) return null;
  const d = law === 'best-of-n' ? alpha / (2 * beta) : Math.exp(alpha / beta - 1);
  return d > 0 && Number.isFinite(d * d) ? d : null;
};

/** Derivatives of the peak's d by alpha and beta. */
const peakSlopes = (
  law: OverOptimisationLaw,
  alpha: number,
  beta: number,
  d: number,
): readonly [number, number] =>
  law === 'best-of-n'
    ? [1 / (2 * beta), -alpha / (2 * beta * beta)]
    : [d / beta, (-alpha * d) / (beta * beta)];

/** The regression behind the fit: coefficients in the order alpha, beta and, where it was not given, the start. */
export interface LawRegression {
  readonly coefficients: readonly number[];
  /** Covariance of the coefficients at a residual variance of 1. */
  readonly inverse: readonly (readonly number[])[];
  /** Weighted sum of squared residuals; the weights have a mean of 1. */
  readonly residual: number;
  /** Points beyond the coefficients. */
  readonly freedom: number;
  readonly weights: readonly number[];
}

/** One over the squared errors, scaled to a mean of 1; all 1 where an error is missing. */
const weightsOf = (points: readonly GoldPoint[]): number[] => {
  if (!points.every(({ error }) => error !== undefined && error !== null && error > 0))
    return points.map(() => 1);
  const raw = points.map(({ error }) => 1 / error! ** 2);
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
  return raw.map((value) => value / mean);
};

/** Points beyond the coefficients below which residuals say nothing. */
const fewestSpare = 2;

/** null where the points are too few or do not determine the coefficients. */
export const regressLaw = (
  points: readonly GoldPoint[],
  { law, start }: FitOptions,
): LawRegression | null => {
  const fitsStart = start === undefined;
  const freedom = points.length - (fitsStart ? 3 : 2);
  if (freedom < fewestSpare) return null;
  const weights = weightsOf(points);
  const found = leastSquares(
    points.map(({ kl }) => [...lawTerms(law, rootOf(kl)), ...(fitsStart ? [1] : [])]),
    points.map(({ gold }) => gold - (start ?? 0)),
    weights,
  );
  return found && { ...found, freedom, weights };
};

/** A sum of coefficients with given factors, and its variance at a residual variance of 1. */
export const combine = (
  { coefficients, inverse }: Pick<LawRegression, 'coefficients' | 'inverse'>,
  factors: readonly number[],
): { readonly value: number; readonly variance: number } => {
  let value = 0;
  let variance = 0;
  factors.forEach((one, i) => {
    value += one * coefficients[i]!;
    factors.forEach((other, j) => {
      variance += one * other * inverse[i]![j]!;
    });
  });
  return { value, variance };
};

const totalSquares = (points: readonly GoldPoint[], weights: readonly number[]): number => {
  const weight = weights.reduce((sum, value) => sum + value, 0);
  const mean = points.reduce((sum, { gold }, i) => sum + weights[i]! * gold, 0) / weight;
  return points.reduce((sum, { gold }, i) => sum + weights[i]! * (gold - mean) ** 2, 0);
};

/**
 * Fits the law by weighted linear least squares.
 *
 * @returns null for fewer than four points (five where the start is fitted too), and where d does not vary enough
 * @example fitOverOptimisation(evaluations.map(({ kl, gold }) => ({ kl, gold })), { law: 'rl' })?.peak
 */
export const fitOverOptimisation = (
  points: readonly GoldPoint[],
  options: FitOptions,
): OverOptimisationFit | null => {
  const found = regressLaw(points, options);
  if (!found) return null;
  const { law } = options;
  const variance = found.residual / found.freedom;
  const [alpha, beta, fittedStart] = found.coefficients as [number, number, number?];
  const errorOf = (factors: readonly number[]): number =>
    Math.sqrt(variance * combine(found, factors).variance);
  const start = options.start ?? fittedStart!;
  const total = totalSquares(points, found.weights);
  const d = peakAt(law, alpha, beta);
  const gain = d === null ? 0 : lawGain(law, { alpha, beta }, d);
  return {
    law,
    alpha,
    beta,
    alphaError: errorOf([1]),
    betaError: errorOf([0, 1]),
    start,
    startError: options.start === undefined ? errorOf([0, 0, 1]) : null,
    r2: total > 0 ? 1 - found.residual / total : null,
    points: points.length,
    peak:
      d === null
        ? null
        : {
            d,
            dError: errorOf(peakSlopes(law, alpha, beta, d)),
            kl: d * d,
            gain,
            gold: start + gain,
            reached: points.some(({ kl }) => rootOf(kl) >= d),
          },
  };
};
