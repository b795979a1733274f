/** @file The share of each class: given, or what a posterior holds. */
import { plauditError } from '@plaudit/contract';

/** Stays finite as a logarithm. */
const tiny = 1e-300;

export const logs = (probabilities: ArrayLike<number>): Float64Array => {
  const found = new Float64Array(probabilities.length);
  for (let i = 0; i < found.length; i++) found[i] = Math.log(Math.max(probabilities[i]!, tiny));
  return found;
};

/** Shares of the classes in a posterior [units, classes]. */
export const classShares = (posterior: Float64Array, classes: number): Float64Array => {
  const shares = new Float64Array(classes);
  const units = posterior.length / classes;
  posterior.forEach((p, i) => {
    shares[i % classes]! += p / units;
  });
  return shares;
};

/** @throws data.bad_option unless there is one probability for each class and they sum to 1 */
export const checkPrior = (prior: readonly number[], classes: number): readonly number[] => {
  const sum = prior.reduce((total, p) => total + p, 0);
  if (prior.length !== classes || prior.some((p) => !(p >= 0)) || Math.abs(sum - 1) > 1e-6)
    throw plauditError('data.bad_option', {
      option: 'prior',
      problem: 'it needs one probability for each class, and they have to sum to 1',
    });
  return prior;
};
