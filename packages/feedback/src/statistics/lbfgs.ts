/** @file Limited-memory BFGS with a strong-Wolfe line search, for smooth functions of many variables. */

/** Value of the function at `x`; writes its gradient into `gradient`. */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Remembered steps. Default 10. */
  readonly memory?: number;
  readonly maxIterations?: number;
  /** Stops when the largest absolute component of the gradient is at most this. Default 1e-6. */
  readonly gradientTolerance?: number;
  /** Stops when an iteration lowers the function by less than this share of its value. Default 1e-10. */
  readonly functionTolerance?: number;
  /** Estimate of the Hessian's diagonal, positive: rescales variables of very different curvature. Default all 1. */
  readonly curvatures?: Float64Array;
}

/** Where the search stands after an iteration. */
export interface LbfgsIteration {
  readonly iteration: number;
  readonly value: number;
  readonly x: Float64Array;
}

export interface LbfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly evaluations: number;
  readonly reason: 'gradient' | 'function' | 'iterations' | 'line-search';
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const largest = (a: Float64Array): number => {
  let found = 0;
  for (let i = 0; i < a.length; i++) found = Math.max(found, Math.abs(a[i]!));
  return found;
};

/** A point on the search line: step length, value, slope along the direction, and where it is. */
interface LinePoint {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
  readonly x: Float64Array;
  readonly gradient: Float64Array;
}

const sufficientDecrease = 1e-4;
const curvature = 0.9;
const maxTrials = 25;

/** Minimum of the cubic through two points and their slopes, kept inside the middle 80 % of the interval. */
const cubicMinimum = (a: LinePoint, b: LinePoint): number => {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const square = d1 * d1 - a.slope * b.slope;
  const low = Math.min(a.step, b.step);
  const high = Math.max(a.step, b.step);
  let step = (low + high) / 2;
  if (square >= 0) {
    const d2 = Math.sign(b.step - a.step) * Math.sqrt(square);
    const candidate = b.step - (b.step - a.step) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
    if (Number.isFinite(candidate)) step = candidate;
  }
  const edge = 0.1 * (high - low);
  return Math.min(Math.max(step, low + edge), high - edge);
};

/** @see Nocedal and Wright 2006, algorithms 3.5 and 3.6. Null when no acceptable step is found. */
const strongWolfe = (
  evaluate: (step: number) => LinePoint,
  start: LinePoint,
  firstStep: number,
): LinePoint | null => {
  const armijo = (p: LinePoint): boolean =>
    p.value <= start.value + sufficientDecrease * p.step * start.slope;
  const flat = (p: LinePoint): boolean => Math.abs(p.slope) <= -curvature * start.slope;
  let previous = start;
  let point = evaluate(firstStep);
  let low: LinePoint | null = null;
  let high: LinePoint | null = null;
  for (let trial = 1; trial < maxTrials; trial++) {
    if (!armijo(point) || (trial > 1 && point.value >= previous.value)) {
      low = previous;
      high = point;
      break;
    }
    if (flat(point)) return point;
    if (point.slope >= 0) {
      low = point;
      high = previous;
      break;
    }
    previous = point;
    point = evaluate(point.step * 2);
  }
  if (low === null || high === null) return null;
  for (let trial = 0; trial < maxTrials; trial++) {
    const middle: LinePoint = evaluate(
      Number.isFinite(high.value) ? cubicMinimum(low, high) : (low.step + high.step) / 2,
    );
    if (!armijo(middle) || middle.value >= low.value) high = middle;
    else {
      if (flat(middle)) return middle;
      if (middle.slope * (high.step - low.step) >= 0) high = low;
      low = middle;
    }
    if (Math.abs(high.step - low.step) < 1e-16) break;
  }
  // The bracket is as narrow as the arithmetic allows: take its better end if it is an improvement at all.
  return low.step > 0 && low.value < start.value ? low : null;
};

/**
 * Minimises a smooth function, one iteration at a time, so that a caller can show progress and stop between two.
 *
 * @param start Not changed.
 * @see Liu and Nocedal 1989; Nocedal and Wright 2006, algorithms 7.4 and 7.5.
 */
export function* lbfgs(
  f: Differentiable,
  start: Float64Array,
  options: LbfgsOptions = {},
): Generator<LbfgsIteration, LbfgsResult, void> {
  const memory = options.memory ?? 10;
  const maxIterations = options.maxIterations ?? 200;
  const gradientTolerance = options.gradientTolerance ?? 1e-6;
  const functionTolerance = options.functionTolerance ?? 1e-10;
  const size = start.length;
  const curvatures = options.curvatures ?? new Float64Array(size).fill(1);
  let x: Float64Array = Float64Array.from(start);
  let gradient: Float64Array = new Float64Array(size);
  let value = f(x, gradient);
  let evaluations = 1;
  const steps: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  const done = (iterations: number, reason: LbfgsResult['reason']): LbfgsResult => ({
    x,
    value,
    iterations,
    evaluations,
    reason,
  });
  for (let iteration = 0; ; iteration++) {
    if (largest(gradient) <= gradientTolerance) return done(iteration, 'gradient');
    if (iteration >= maxIterations) return done(iteration, 'iterations');
    const direction = new Float64Array(size);
    for (let i = 0; i < size; i++) direction[i] = -gradient[i]!;
    const alphas: number[] = [];
    for (let k = steps.length - 1; k >= 0; k--) {
      const { s, y, rho } = steps[k]!;
      const alpha = rho * dot(s, direction);
      alphas[k] = alpha;
      for (let i = 0; i < size; i++) direction[i] = direction[i]! - alpha * y[i]!;
    }
    const newest = steps.at(-1);
    for (let i = 0; i < size; i++) direction[i] = direction[i]! / curvatures[i]!;
    if (newest !== undefined) {
      let scaled = 0;
      for (let i = 0; i < size; i++) scaled += newest.y[i]! ** 2 / curvatures[i]!;
      const scale = 1 / (newest.rho * scaled);
      for (let i = 0; i < size; i++) direction[i] = direction[i]! * scale;
    }
    for (let k = 0; k < steps.length; k++) {
      const { s, y, rho } = steps[k]!;
      const correction = alphas[k]! - rho * dot(y, direction);
      for (let i = 0; i < size; i++) direction[i] = direction[i]! + correction * s[i]!;
    }
    const slope = dot(gradient, direction);
    const here: LinePoint = { step: 0, value, slope, x, gradient };
    const evaluate = (step: number): LinePoint => {
      const at = new Float64Array(size);
      for (let i = 0; i < size; i++) at[i] = x[i]! + step * direction[i]!;
      const gradientAt = new Float64Array(size);
      const valueAt = f(at, gradientAt);
      evaluations++;
      return { step, value: valueAt, slope: dot(gradientAt, direction), x: at, gradient: gradientAt };
    };
    const firstStep = newest === undefined ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
    const next = slope < 0 ? strongWolfe(evaluate, here, firstStep) : null;
    if (next === null) {
      if (steps.length === 0) return done(iteration, 'line-search');
      // The remembered curvature misleads (rounding, or a kink): forget it and try steepest descent once.
      steps.length = 0;
      continue;
    }
    const s = new Float64Array(size);
    const y = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      s[i] = next.x[i]! - x[i]!;
      y[i] = next.gradient[i]! - gradient[i]!;
    }
    const sy = dot(s, y);
    if (sy > 1e-12 * dot(y, y)) {
      steps.push({ s, y, rho: 1 / sy });
      if (steps.length > memory) steps.shift();
    }
    const drop = value - next.value;
    x = next.x;
    gradient = next.gradient;
    value = next.value;
    yield { iteration: iteration + 1, value, x };
    if (drop <= functionTolerance * Math.max(Math.abs(value), 1e-12)) return done(iteration + 1, 'function');
  }
}

/** Minimises a smooth function in one go. */
export const minimise = (f: Differentiable, start: Float64Array, options: LbfgsOptions = {}): LbfgsResult => {
  const search = lbfgs(f, start, options);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
};
