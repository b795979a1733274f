/** @file A shadow beside what serves: the same responses scored by both, in figures that do not depend on either scale. */
import type { Observation, Store } from '@plaudit/store';
import { type Measured, momentsOf } from '../statistics/measured.ts';
import {
  compareVersions,
  type MovedThreshold,
  moveThreshold,
  type ScoredPair,
  type VersionComparison,
} from '../statistics/versions.ts';

interface SegmentShift {
  readonly segment: string;
  readonly value: string;
  readonly n: number;
  /** Mean of the shadow's z less that of production's, in standard deviations. */
  readonly shift: number;
}

export interface ShadowComparison {
  readonly comparison: Measured<VersionComparison>;
  /** Rows of the shadow that it could not score. */
  readonly unscored: number;
  readonly segments: readonly SegmentShift[];
  /** Where each threshold of production belongs on the shadow's scale. */
  readonly thresholds: readonly { readonly from: number; readonly to: Measured<MovedThreshold> }[];
  /** Milliseconds at 99 %. */
  readonly slowest: { readonly production: number | null; readonly shadow: number | null };
}

/** Rows at most: a sample says as much. */
const mostRows = 20_000;
/** Below so many rows a segment says nothing. */
const fewestInSegment = 30;
const mostSegments = 50;
/** Pairs of one prompt that are compared: neighbours, so that one prompt does not outweigh the others. */
const pairsOf = (rows: readonly Scored[]): ScoredPair[] =>
  [...Map.groupBy(rows, ({ prompt }) => prompt)].flatMap(([prompt, of]) =>
    prompt === null
      ? []
      : of.slice(1).map((row, i) => ({
          before: [of[i]!.before, row.before] as const,
          after: [of[i]!.after, row.after] as const,
        })),
  );

interface Scored {
  readonly prompt: string | null;
  readonly before: number;
  readonly after: number;
  readonly segments: Observation['segments'];
}

const standardise = (values: readonly number[]): ((value: number) => number) => {
  const { mean, variance } = momentsOf(values);
  const deviation = Math.sqrt(variance);
  return (value) => (deviation > 0 ? (value - mean) / deviation : 0);
};

const shifts = (rows: readonly Scored[]): SegmentShift[] => {
  const [before, after] = [
    standardise(rows.map((row) => row.before)),
    standardise(rows.map((row) => row.after)),
  ];
  const groups = new Map<string, { segment: string; value: string; of: number[] }>();
  for (const row of rows)
    for (const [segment, value] of Object.entries(row.segments)) {
      const key = JSON.stringify([segment, value]);
      const group = groups.get(key) ?? { segment, value, of: [] };
      group.of.push(after(row.after) - before(row.before));
      groups.set(key, group);
    }
  return [...groups.values()]
    .filter(({ of }) => of.length >= fewestInSegment)
    .map(({ segment, value, of }) => ({ segment, value, n: of.length, shift: momentsOf(of).mean }))
    .sort((a, b) => Math.abs(b.shift) - Math.abs(a.shift))
    .slice(0, mostSegments);
};

/** @param thresholds Of production's scale, to be moved to the shadow's */
export const compareShadow = async (
  store: Store,
  span: { readonly deployment: string; readonly from: Date; readonly to: Date },
  thresholds: readonly number[] = [],
): Promise<ShadowComparison> => {
  const rows = await store.observations.sample({ ...span, arm: 'shadow' }, mostRows);
  const scored = rows.flatMap(({ prompt, reward, productionReward, segments }): Scored[] =>
    reward === null || productionReward === null
      ? []
      : [{ prompt, before: productionReward, after: reward, segments }],
  );
  const before = scored.map((row) => row.before);
  const after = scored.map((row) => row.after);
  const totals = await store.observations.totals(span);
  const slowestOf = (arm: string): number | null => totals.find((of) => of.arm === arm)?.slowest ?? null;
  return {
    comparison: compareVersions(before, after, pairsOf(scored)),
    unscored: rows.length - scored.length,
    segments: shifts(scored),
    thresholds: thresholds.map((from) => ({ from, to: moveThreshold(from, before, after) })),
    slowest: { production: slowestOf('production'), shadow: slowestOf('shadow') },
  };
};
