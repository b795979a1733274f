/** @file Two windows of numbers counted in the same bins, so that both can be drawn over each other. */
import { quantile } from '@plaudit/feedback';
import { requireFinite } from './measured.ts';

export interface Binned {
  /** Ascending, one more than there are bins. What lies beyond the first and the last is counted in the outermost bins. */
  readonly edges: readonly number[];
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** So many bins show a second mode, and a hundred values still fill them. */
const bins = 24;
/** Share of the values at either end that does not stretch the bins: one outlier would leave all others in one of them. */
const tail = 0.005;

/** Null where one of the windows has no value. @throws RangeError for numbers that are not finite */
export const binned = (reference: readonly number[], current: readonly number[]): Binned | null => {
  requireFinite('the reference', reference);
  requireFinite('the current window', current);
  if (reference.length === 0 || current.length === 0) return null;
  const all = Float64Array.from([...reference, ...current]).sort();
  const [low, high] = [quantile(all, tail), quantile(all, 1 - tail)];
  // A value that never varies stands in the middle of one bin.
  const [from, to] = high > low ? [low, high] : [low - 0.5, low + 0.5];
  const count = high > low ? bins : 1;
  const countsOf = (values: readonly number[]): number[] => {
    const counts = new Array<number>(count).fill(0);
    for (const value of values) {
      const bin = Math.floor((count * (value - from)) / (to - from));
      counts[Math.min(count - 1, Math.max(0, bin))]!++;
    }
    return counts;
  };
  return {
    edges: Array.from({ length: count + 1 }, (_, i) => from + (i * (to - from)) / count),
    reference: countsOf(reference),
    current: countsOf(current),
  };
};
