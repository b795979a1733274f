/**
 * @file The win rate that would be at equal length: a logistic regression of the outcome on the difference in length.
 *
 * Dubois et al. 2024 (arXiv 2404.04475) for AlpacaEval 2, without its two parts that need its own prompts: the difficulty of
 * each instruction, and the baselines that hold the coefficient of length in place. Without those the regression is on its
 * own where one policy is nearly always longer, and says so.
 */
import { Random, sigmoid, softplus } from '@plaudit/contract';
import { fewestClusters, quantile } from '@plaudit/feedback';

export interface LengthControlled {
  /** Probability that A wins at equal length. */
  readonly winRate: number;
  /** 95 %, over resamples of whole prompts; null for fewer than ten prompts. */
  readonly interval: readonly [number, number] | null;
  /** Change of the log-odds of A over about one standard deviation of the difference in length: above 0 longer wins. */
  readonly lengthEffect: number;
  /** Whether nearly all of A's responses are longer, or nearly all shorter, so that equal length was hardly ever seen. */
  readonly extrapolated: boolean;
}

/** Rows with their weights: outcomes from 0 to 1, and the length term. */
interface Rows {
  readonly outcomes: ArrayLike<number>;
  readonly terms: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** Share of the rows on the rarer side of equal length below which the regression extrapolates. */
const rareSide = 0.1;
const mostSteps = 100;
const mostHalvings = 30;
/** Of a coefficient, where the iteration ends. */
const tolerance = 1e-10;
/** What rounding may take off the likelihood, as a share of it. */
const rounding = 1e-10;

interface Evaluated {
  readonly value: number;
  /** Gradient and information of the penalised likelihood, intercept first. */
  readonly gradient: readonly [number, number];
  readonly information: readonly [number, number, number];
}

/**
 * Log-likelihood with Firth's penalty, which is half the log-determinant of the information: it takes the bias of small
 * samples away and is finite where one side always wins, also in a resample.
 */
const evaluate = ({ outcomes, terms, weights }: Rows, intercept: number, slope: number): Evaluated => {
  const probabilities = new Float64Array(outcomes.length);
  let [a, b, c, value] = [0, 0, 0, 0];
  for (let i = 0; i < outcomes.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    const x = terms[i]!;
    const logit = intercept + slope * x;
    const p = sigmoid(logit);
    const curvature = weight * p * (1 - p);
    probabilities[i] = p;
    a += curvature;
    b += curvature * x;
    c += curvature * x * x;
    value += weight * (outcomes[i]! * logit - softplus(logit));
  }
  const determinant = a * c - b * b;
  let [first, second] = [0, 0];
  for (let i = 0; i < outcomes.length; i++) {
    const x = terms[i]!;
    const p = probabilities[i]!;
    const leverage = (p * (1 - p) * (c - 2 * b * x + a * x * x)) / determinant;
    const residual = weights[i]! * (outcomes[i]! - p + leverage * (0.5 - p));
    first += residual;
    second += residual * x;
  }
  return { value: value + 0.5 * Math.log(determinant), gradient: [first, second], information: [a, b, c] };
};

/**
 * Intercept and slope of the logistic regression.
 *
 * @returns null where the terms do not vary
 * @see Firth 1993; Heinze and Schemper 2002
 */
export const firthLogistic = (
  rows: Rows,
  from: readonly [number, number] = [0, 0],
): readonly [number, number] | null => {
  let [intercept, slope] = from;
  let now = evaluate(rows, intercept, slope);
  if (!Number.isFinite(now.value)) return null;
  for (let step = 0; step < mostSteps; step++) {
    const [a, b, c] = now.information;
    const [first, second] = now.gradient;
    const determinant = a * c - b * b;
    let moveIntercept = (c * first - b * second) / determinant;
    let moveSlope = (a * second - b * first) / determinant;
    if (Math.abs(moveIntercept) + Math.abs(moveSlope) < tolerance) break;
    const least = now.value - rounding * Math.abs(now.value);
    let next = evaluate(rows, intercept + moveIntercept, slope + moveSlope);
    for (let halved = 0; halved < mostHalvings && !(next.value >= least); halved++) {
      moveIntercept /= 2;
      moveSlope /= 2;
      next = evaluate(rows, intercept + moveIntercept, slope + moveSlope);
    }
    if (!(next.value >= least)) break;
    intercept += moveIntercept;
    slope += moveSlope;
    now = next;
  }
  return [intercept, slope];
};

export interface LengthControlInput {
  /** Probability or share with which A wins each row, from 0 to 1. */
  readonly outcomes: readonly number[];
  readonly lengthsA: readonly number[];
  readonly lengthsB: readonly number[];
  /** The prompt of each row: the unit of resampling. */
  readonly prompts: readonly string[];
  readonly seed?: number;
  /** Default 500. */
  readonly resamples?: number;
}

/** Middle 95 % of the win rate at equal length over resamples of whole prompts. */
const resampledInterval = (
  { outcomes, prompts, seed = 0, resamples = 500 }: LengthControlInput,
  terms: readonly number[],
  found: readonly [number, number],
): LengthControlled['interval'] => {
  const clusters = [...Map.groupBy(prompts.keys(), (i) => prompts[i]!).values()];
  if (clusters.length < fewestClusters) return null;
  const random = new Random(seed, 'length control');
  const weights = new Float64Array(outcomes.length);
  const rates: number[] = [];
  for (let r = 0; r < resamples; r++) {
    weights.fill(0);
    for (let drawn = 0; drawn < clusters.length; drawn++)
      for (const i of random.pick(clusters)) weights[i]!++;
    // A resample of prompts whose lengths do not differ has no estimate.
    const again = firthLogistic({ outcomes, terms, weights }, found);
    if (again) rates.push(sigmoid(again[0]));
  }
  rates.sort((a, b) => a - b);
  return rates.length === 0 ? null : [quantile(rates, 0.025), quantile(rates, 0.975)];
};

/**
 * P(A wins) = sigmoid(intercept + slope tanh(difference in length / its standard deviation)), read at a difference of 0.
 *
 * @returns null where the difference in length is always the same, so that nothing tells its effect from the policy's
 */
export const lengthControlledWinRate = (input: LengthControlInput): LengthControlled | null => {
  const { outcomes, lengthsA, lengthsB } = input;
  const differences = lengthsA.map((length, i) => length - lengthsB[i]!);
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (differences.length - 1));
  if (!(deviation > 0)) return null;
  const terms = differences.map((value) => Math.tanh(value / deviation));
  const found = firthLogistic({ outcomes, terms, weights: outcomes.map(() => 1) });
  if (!found) return null;
  const longer = differences.filter((value) => value >= 0).length / differences.length;
  const shorter = differences.filter((value) => value <= 0).length / differences.length;
  return {
    winRate: sigmoid(found[0]),
    interval: resampledInterval(input, terms, found),
    lengthEffect: found[1],
    extrapolated: Math.min(longer, shorter) < rareSide,
  };
};
