import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lbfgs, minimise } from './lbfgs.ts';

const rosenbrock = (x: Float64Array, gradient: Float64Array): number => {
  let sum = 0;
  gradient.fill(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const a = x[i + 1]! - x[i]! ** 2;
    const b = 1 - x[i]!;
    sum += 100 * a * a + b * b;
    gradient[i] = gradient[i]! - 400 * x[i]! * a - 2 * b;
    gradient[i + 1] = gradient[i + 1]! + 200 * a;
  }
  return sum;
};

describe('L-BFGS', () => {
  it("finds the minimum of Rosenbrock's function in ten dimensions at (1, ..., 1)", () => {
    const found = minimise(rosenbrock, new Float64Array(10).fill(-1.2), {
      gradientTolerance: 1e-9,
      functionTolerance: 0,
    });
    expect(found.reason).toBe('gradient');
    for (const value of found.x) expect(value).toBeCloseTo(1, 7);
    expect(found.evaluations).toBeLessThan(300);
  });

  it('finds the minimum of a convex quadratic with a condition number of 10^6', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -6, max: 0, noNaN: true }), { minLength: 2, maxLength: 12 }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        (powers, target) => {
          const scales = powers.map((power) => 10 ** power);
          const { x } = minimise(
            (at, gradient) => {
              let sum = 0;
              scales.forEach((scale, i) => {
                sum += 0.5 * scale * (at[i]! - target) ** 2;
                gradient[i] = scale * (at[i]! - target);
              });
              return sum;
            },
            new Float64Array(scales.length),
            { gradientTolerance: 1e-13, functionTolerance: 0, maxIterations: 1000 },
          );
          for (const value of x) expect(Math.abs(value - target)).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('never goes up from one iteration to the next', () => {
    let last = Number.POSITIVE_INFINITY;
    for (const { value } of lbfgs(rosenbrock, new Float64Array(4).fill(3))) {
      expect(value).toBeLessThanOrEqual(last);
      last = value;
    }
  });

  it('stops at once where the gradient is already zero, and leaves the start as it was', () => {
    const start = new Float64Array(3).fill(1);
    const found = minimise(rosenbrock, start);
    expect(found.iterations).toBe(0);
    expect([...start]).toEqual([1, 1, 1]);
  });

  it('gives up with the best point where no step improves', () => {
    const found = minimise((x, gradient) => {
      gradient[0] = 1;
      return x[0] === 0 ? 0 : 1;
    }, new Float64Array(1));
    expect(found.reason).toBe('line-search');
    expect(found.x[0]).toBe(0);
  });
});
