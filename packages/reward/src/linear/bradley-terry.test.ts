import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bradleyTerryLoss, type Comparisons, type SparseRows } from './bradley-terry.ts';
import { minimise } from './testing.ts';

const dense = (matrix: readonly (readonly number[])[]): SparseRows => {
  const width = matrix[0]!.length;
  return {
    offsets: Uint32Array.from({ length: matrix.length + 1 }, (_, i) => i * width),
    columns: Int32Array.from(matrix.flatMap((row) => row.map((_, j) => j))),
    values: Float64Array.from(matrix.flat()),
    width,
  };
};

// Drawn and solved with numpy and scipy (BFGS, then Nelder-Mead to 1e-12).
const rows = dense([
  [0.0, 0.3, -0.27],
  [-0.89, -0.45, -0.99],
  [0.06, 1.34, -0.49],
  [-0.62, 0.49, 0.36],
  [0.11, -0.93, -0.03],
  [0.7, -1.34, -0.46],
]);
const comparisons: Comparisons = {
  winners: Uint32Array.of(0, 2, 3, 5, 2, 4, 1),
  losers: Uint32Array.of(1, 1, 4, 0, 5, 2, 3),
  weights: Float64Array.of(1, 1, 2, 1, 0.5, 1, 1),
  margins: Float64Array.of(0, 0.5, 0, 0.2, 0, 0, 1),
};
const options = { l2: Float64Array.of(0.5, 1, 2), labelSmoothing: 0.1 };

describe('the Bradley-Terry loss', () => {
  it('has the value that numpy computes, with weights, margins, smoothing and L2', () => {
    const loss = bradleyTerryLoss(rows, comparisons, options);
    expect(loss(new Float64Array(3).fill(1), new Float64Array(3))).toBeCloseTo(1.304447041323591, 12);
  });

  it('has its minimum where scipy finds it', () => {
    const found = minimise(bradleyTerryLoss(rows, comparisons, options), new Float64Array(3), {
      gradientTolerance: 1e-12,
      functionTolerance: 0,
    });
    expect(found.value).toBeCloseTo(0.7934141350378792, 13);
    [0.26423978256450664, 0.13248195452806497, -0.012903736433436699].forEach((w, j) => {
      expect(found.x[j]).toBeCloseTo(w, 7);
    });
  });

  it('has the gradient that central differences give', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.double({ min: 0, max: 0.49, noNaN: true }),
        (at, labelSmoothing) => {
          const loss = bradleyTerryLoss(rows, comparisons, { ...options, labelSmoothing });
          const gradient = new Float64Array(3);
          loss(Float64Array.from(at), gradient);
          const step = 1e-5;
          for (let j = 0; j < 3; j++) {
            const value = (by: number): number =>
              loss(
                Float64Array.from(at, (w, k) => (k === j ? w + by : w)),
                new Float64Array(3),
              );
            expect(gradient[j]).toBeCloseTo((value(step) - value(-step)) / (2 * step), 7);
          }
        },
      ),
    );
  });

  it('does not change when a feature is added to all responses alike', () => {
    const shifted = dense(
      [0, 1, 2, 3, 4, 5].map((i) =>
        [...rows.values.slice(3 * i, 3 * i + 3)].map((x, j) => x + (j === 1 ? 5 : 0)),
      ),
    );
    const at = Float64Array.of(0.3, -0.7, 1.1);
    expect(bradleyTerryLoss(shifted, comparisons, options)(at, new Float64Array(3))).toBeCloseTo(
      bradleyTerryLoss(rows, comparisons, options)(at, new Float64Array(3)),
      12,
    );
  });

  it('recovers the log odds of a single feature in closed form', () => {
    // 30 wins, 10 losses of the response with the feature: w = ln 3.
    const two = dense([[1], [0]]);
    const wins: Comparisons = {
      winners: Uint32Array.of(0, 1),
      losers: Uint32Array.of(1, 0),
      weights: Float64Array.of(30, 10),
      margins: new Float64Array(2),
    };
    const loss = bradleyTerryLoss(two, wins, { l2: new Float64Array(1), labelSmoothing: 0 });
    const { x } = minimise(loss, new Float64Array(1), { gradientTolerance: 1e-12, functionTolerance: 0 });
    expect(x[0]).toBeCloseTo(Math.log(3), 9);
  });
});
