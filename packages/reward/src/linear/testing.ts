/** @file What the tests of the linear model share. */
import { type Differentiable, type LbfgsOptions, type LbfgsResult, lbfgs } from './lbfgs.ts';

/** Minimises a smooth function in one go. */
export const minimise = (f: Differentiable, start: Float64Array, options: LbfgsOptions = {}): LbfgsResult => {
  const search = lbfgs(f, start, options);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
};
