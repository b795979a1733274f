/** @file Estimates from resampled comparisons: whole clusters, or single comparisons where there are none. */
import { Random } from '@plaudit/contract';
import { separatedSystems } from './contest.ts';
import type { Design } from './design.ts';
import { maximise } from './maximum-likelihood.ts';

export interface Resamples {
  /** The parameters of each resample that has an estimate. */
  readonly estimates: readonly Float64Array[];
  /** Resamples without one: some system won all of its contests there, or lost all. */
  readonly failed: number;
}

/** What is drawn as one: the cells (contest and outcome) of a cluster, or one comparison of a cell. */
interface Unit {
  readonly cells: { readonly cell: number; readonly count: number }[];
}

/** @see Efron and Tibshirani 1993, ch. 13 */
export const resampleEstimates = (
  design: Design,
  start: Float64Array,
  resamples: number,
  seed: number,
): Resamples => {
  const { units, drawn } = unitsOf(design);
  const random = new Random(seed, 'abilities');
  const penalised = design.penalty.length > 0 && design.penalty[0]! > 0;
  const estimates: Float64Array[] = [];
  let failed = 0;
  for (let r = 0; r < resamples; r++) {
    const counts = new Float64Array(design.counts.length);
    for (let i = 0; i < drawn.length; i++)
      for (const { cell, count } of units[drawn[random.integer(drawn.length)]!]!.cells)
        counts[cell]! += count;
    const connected = penalised || separatedSystems(design.field, counts) === 0;
    const found = connected ? maximise(design, counts, start) : null;
    if (found === null) failed++;
    else estimates.push(found.at);
  }
  return { estimates, failed };
};

/** The units, and for each draw which of them it may be: a cell of 7 comparisons is 7 of the numbers. */
const unitsOf = ({ field, counts }: Design): { units: Unit[]; drawn: Int32Array } => {
  const units: Unit[] = [];
  const drawn: number[] = [];
  const clusters = new Map<string, Unit>();
  field.contests.forEach(({ cluster }, contest) => {
    for (let outcome = 0; outcome < 3; outcome++) {
      const cell = contest * 3 + outcome;
      const count = counts[cell]!;
      if (count === 0) continue;
      const known = cluster === undefined ? undefined : clusters.get(cluster);
      if (known !== undefined) {
        known.cells.push({ cell, count });
        continue;
      }
      // A fraction of a comparison cannot be drawn alone.
      const times = cluster === undefined && Number.isInteger(count) ? count : 1;
      const unit: Unit = { cells: [{ cell, count: count / times }] };
      units.push(unit);
      if (cluster !== undefined) clusters.set(cluster, unit);
      for (let i = 0; i < times; i++) drawn.push(units.length - 1);
    }
  });
  return { units, drawn: Int32Array.from(drawn) };
};
