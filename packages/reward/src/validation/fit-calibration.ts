/** @file Fits every calibration method on the validation side and chooses one by cross-validated log loss. */
import { Random } from '@plaudit/contract';
import { clusterBootstrap } from '@plaudit/feedback';
import {
  type Calibration,
  type CalibrationMethod,
  isOfLabels,
  probabilityBy,
} from './calibrated-probability.ts';
import { fitTemperature } from './calibration.ts';
import { type Headline, isDesirable, judgedReward } from './headline.ts';
import { isotonicRegression } from './isotonic.ts';
import { countPrompts, difference, type ScoredPair } from './pairs.ts';
import { fitPlatt, plattTargets } from './platt.ts';

const folds = 5;
/** Below this a choice between methods would be a choice by chance: the temperature stays. */
const fewestPrompts = 30;
/** Probabilities are kept this far from 0 and 1 in the log loss, as in scikit-learn. */
const clip = 1e-15;

type Fitted = Pick<Calibration, 'temperature' | 'platt' | 'isotonic' | 'on'>;

/**
 * Isotonic regression on Platt's targets, so that no probability is 0 or 1. Of comparisons each enters both ways round:
 * the curve then is 1 - itself on the other side of 0, and does not depend on which side was preferred.
 */
const fitIsotonic = (pairs: readonly ScoredPair[], ofLabels: boolean): Calibration['isotonic'] => {
  if (ofLabels) {
    const positives = pairs.filter(isDesirable).length;
    const { positive, negative } = plattTargets(positives, pairs.length - positives);
    return curve(
      pairs.map(judgedReward),
      pairs.map((pair) => (isDesirable(pair) ? positive : negative)),
    );
  }
  const { positive } = plattTargets(pairs.length, 0);
  const differences = pairs.map(difference);
  return curve(
    [...differences, ...differences.map((d) => -d)],
    [...differences.map(() => positive), ...differences.map(() => 1 - positive)],
  );
};

const curve = (x: readonly number[], y: readonly number[]): NonNullable<Calibration['isotonic']> => {
  const found = isotonicRegression(x, y);
  return { x: [...found.x], y: [...found.y] };
};

const methodsFor = (ofLabels: boolean): readonly CalibrationMethod[] =>
  ofLabels ? ['temperature', 'platt', 'isotonic'] : ['temperature', 'isotonic'];

const fit = (pairs: readonly ScoredPair[], on: NonNullable<Calibration['on']>): Fitted => {
  const ofLabels = isOfLabels({ on });
  return {
    temperature: fitTemperature(pairs.map(difference)),
    on,
    ...(ofLabels && { platt: fitPlatt(pairs.map(judgedReward), pairs.map(isDesirable)) }),
    isotonic: fitIsotonic(pairs, ofLabels),
  };
};

/** The probability that a method gives to what was judged the better of the two. */
export const probabilityOfPreferred =
  (method: CalibrationMethod, fitted: Fitted) =>
  (pair: ScoredPair): number => {
    const calibration = { ...fitted, reference: 0 };
    if (!isOfLabels(fitted)) return probabilityBy(method, calibration, difference(pair));
    const desirable = probabilityBy(method, calibration, judgedReward(pair));
    return isDesirable(pair) ? desirable : 1 - desirable;
  };

const lossOf = (probability: number): number => -Math.log(Math.min(1 - clip, Math.max(clip, probability)));

/** For each pair and method, the log loss of a fit on the folds that the pair's prompt is not in. */
const heldOutLosses = (
  pairs: readonly ScoredPair[],
  on: NonNullable<Calibration['on']>,
  methods: readonly CalibrationMethod[],
  seed: number,
): Map<CalibrationMethod, Float64Array> => {
  const clusters = [...new Set(pairs.map(({ cluster }) => cluster))];
  const order = new Random(seed, 'calibration folds').permutation(clusters.length);
  const fold = new Map([...order].map((at, place) => [clusters[at]!, place % folds]));
  const losses = new Map(methods.map((method) => [method, new Float64Array(pairs.length)]));
  for (let k = 0; k < folds; k++) {
    const fitted = fit(
      pairs.filter(({ cluster }) => fold.get(cluster) !== k),
      on,
    );
    for (const method of methods) {
      const probability = probabilityOfPreferred(method, fitted);
      pairs.forEach((pair, i) => {
        if (fold.get(pair.cluster) === k) losses.get(method)![i] = lossOf(probability(pair));
      });
    }
  }
  return losses;
};

/** The method with the lowest loss among those that beat the temperature over the whole interval; else the temperature. */
const choose = (
  pairs: readonly ScoredPair[],
  losses: ReadonlyMap<CalibrationMethod, Float64Array>,
  means: ReadonlyMap<CalibrationMethod, number>,
  seed: number,
): CalibrationMethod => {
  const usual = losses.get('temperature')!;
  return [...losses].reduce<CalibrationMethod>((best, [method, own]) => {
    if (method === 'temperature' || means.get(method)! >= means.get(best)!) return best;
    const gain = clusterBootstrap(pairs, (_, i) => usual[i]! - own[i]!, { seed });
    return gain.interval[0] > 0 ? method : best;
  }, 'temperature');
};

/**
 * All methods fitted on what was judged on the validation side, and the one that scores should use. The temperature is
 * the choice unless another has a lower log loss on prompts that it was not fitted on, over a whole 95 % interval.
 *
 * Platt's shift is fitted for labels and steps only: a comparison can be told either way round, which changes the sign of
 * the difference and of the answer, so that the best shift is 0 and the scale is one over the temperature.
 *
 * @param judged Of the validation side, from `headline`; without any the calibration is returned as it is.
 * @param known What the kind's own trainer has fitted; its temperature stays where it was fitted on comparisons.
 * @see Guo et al. 2017; Zadrozny and Elkan 2002 for isotonic regression
 */
export const fitCalibration = (
  judged: Pick<Headline, 'judged' | 'pairs'>,
  known: Calibration | { readonly reference: number },
  { seed }: { readonly seed: number },
): Calibration | null => {
  const { judged: on, pairs } = judged;
  if (pairs.length === 0) return 'temperature' in known ? known : null;
  const fitted = fit(pairs, on);
  const ofLabels = isOfLabels({ on });
  const methods = methodsFor(ofLabels);
  const temperature = 'temperature' in known && !ofLabels ? known.temperature : fitted.temperature;
  const calibration = { ...fitted, temperature, reference: known.reference };
  if (countPrompts(pairs) < fewestPrompts) return { ...calibration, method: 'temperature' };
  const losses = heldOutLosses(pairs, on, methods, seed);
  const means = new Map(
    [...losses].map(([method, own]) => [method, own.reduce((sum, x) => sum + x, 0) / own.length]),
  );
  return {
    ...calibration,
    method: choose(pairs, losses, means, seed),
    crossValidation: {
      folds,
      methods: [...means].map(([method, logLoss]) => ({ method, logLoss })),
    },
  };
};
