/** @file The logistic functions of preference, written so that no argument overflows. */

/** log(1 + e^x): x where x is large, 0 where it is very negative. */
export const softplus = (x: number): number =>
  x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));

/** 1 / (1 + e^-x), in [0, 1], exact to rounding on both sides. */
export const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};

/** ln sigmoid(x), finite for every finite x. */
export const logSigmoid = (x: number): number => -softplus(-x);
