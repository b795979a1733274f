/** @file Expectation-maximisation for models in which votes are independent once the true class is known. */
import type { Fit } from './label-model.ts';
import type { VoteTable } from './vote-table.ts';

/** What a model says of classes and votes. */
export interface VoteModel {
  /** ln P(true class) [classes] */
  readonly logPrior: Float64Array;
  /** ln P(said | true) [annotators, said, true] */
  readonly evidence: Float64Array;
  /** What is added to the log-likelihood to give the number that the method maximises. */
  readonly bonus?: number;
}

export interface SearchOptions {
  readonly maxIterations?: number;
  /** Stops when the maximised number changes by less than this share of itself. Default 1e-9. */
  readonly tolerance?: number;
}

/** Each class's share of the votes on a unit, or the known class: where the search starts. [units, classes] */
export const voteShares = (table: VoteTable): Float64Array => {
  const width = table.classes.length;
  const shares = new Float64Array(table.units.length * width);
  for (let unit = 0; unit < table.units.length; unit++) {
    const from = table.starts[unit]!;
    const to = table.starts[unit + 1]!;
    for (let i = from; i < to; i++) shares[unit * width + table.said[i]!]! += 1 / (to - from);
  }
  clampGold(table, shares);
  return shares;
};

const clampGold = ({ gold, classes }: VoteTable, posterior: Float64Array): void => {
  gold.forEach((known, unit) => {
    if (known < 0) return;
    posterior.fill(0, unit * classes.length, (unit + 1) * classes.length);
    posterior[unit * classes.length + known] = 1;
  });
};

/** Writes P(true class | votes) into `posterior` and returns ln P(votes, known classes). */
export const expectation = (table: VoteTable, model: VoteModel, posterior: Float64Array): number => {
  const { starts, annotator, said, gold, classes } = table;
  const { logPrior, evidence } = model;
  const width = classes.length;
  const joint = new Float64Array(width);
  let logLikelihood = 0;
  for (let unit = 0; unit < table.units.length; unit++) {
    joint.set(logPrior);
    for (let i = starts[unit]!; i < starts[unit + 1]!; i++) {
      const at = (annotator[i]! * width + said[i]!) * width;
      for (let k = 0; k < width; k++) joint[k]! += evidence[at + k]!;
    }
    if (gold[unit]! >= 0) {
      logLikelihood += joint[gold[unit]!]!;
      continue;
    }
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < width; k++) most = Math.max(most, joint[k]!);
    let sum = 0;
    for (let k = 0; k < width; k++) {
      joint[k] = Math.exp(joint[k]! - most);
      sum += joint[k]!;
    }
    for (let k = 0; k < width; k++) posterior[unit * width + k] = joint[k]! / sum;
    logLikelihood += most + Math.log(sum);
  }
  return logLikelihood;
};

/**
 * Alternates both steps.
 *
 * @param maximise The model that fits a posterior [units, classes] best
 * @param posterior Where to start; it is changed. Default: the vote shares.
 * @see Dempster, Laird and Rubin 1977
 */
export const expectationMaximisation = <Model extends VoteModel>(
  table: VoteTable,
  maximise: (posterior: Float64Array) => Model,
  options: SearchOptions = {},
  posterior: Float64Array = voteShares(table),
): { readonly posterior: Float64Array; readonly model: Model; readonly fit: Fit } => {
  const { maxIterations = 1000, tolerance = 1e-9 } = options;
  let last = Number.NaN;
  for (let iteration = 1; ; iteration++) {
    const model = maximise(posterior);
    const logLikelihood = expectation(table, model, posterior) + (model.bonus ?? 0);
    const converged = Math.abs(logLikelihood - last) <= tolerance * Math.abs(logLikelihood);
    last = logLikelihood;
    if (converged || iteration >= maxIterations)
      return { posterior, model, fit: { logLikelihood, iterations: iteration, converged } };
  }
};
