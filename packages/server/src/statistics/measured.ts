/** @file What a statistic says where there is too little to say anything: how much there was, and how much it takes. */

/** Too few observations. No number is made up for them, and none is taken for 0. */
export interface TooFew {
  readonly enough: false;
  readonly n: number;
  readonly needed: number;
}

/** A result that rests on `n` observations, or the reason why there is none. */
export type Measured<Result> = (Result & { readonly enough: true; readonly n: number }) | TooFew;

export const tooFew = (n: number, needed: number): TooFew => ({ enough: false, n, needed });

/** @throws RangeError for a value that is not finite: what could not be scored is left out before, not counted as a number */
export const requireFinite = (name: string, values: ArrayLike<number>): void => {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]!))
      throw new RangeError(`value ${i + 1} of ${name} is not a finite number`);
};

/** Count, mean and sum of squared distances from it: all that a comparison of means has to remember of its observations. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Unbiased; 0 below two observations. */
  readonly variance: number;
}

export const noMoments: Moments = { n: 0, mean: 0, variance: 0 };

export const momentsOf = (values: ArrayLike<number>): Moments => {
  const n = values.length;
  if (n === 0) return noMoments;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const distance = values[i]! - mean;
    mean += distance / (i + 1);
    squares += distance * (values[i]! - mean);
  }
  return { n, mean, variance: n > 1 ? squares / (n - 1) : 0 };
};

/** The moments of both sets of observations taken together. @see Chan, Golub and LeVeque 1983 */
export const joined = (a: Moments, b: Moments): Moments => {
  const n = a.n + b.n;
  if (a.n === 0 || b.n === 0) return a.n === 0 ? b : a;
  const apart = b.mean - a.mean;
  const squares = a.variance * (a.n - 1) + b.variance * (b.n - 1) + (apart * apart * a.n * b.n) / n;
  return { n, mean: a.mean + (apart * b.n) / n, variance: squares / (n - 1) };
};
