/** @file Points of curves out of the records of a run. */
import type { Series } from '@plaudit/reward';
import type { PolicyRecord } from '../trainer/record.ts';

export type Rollout = NonNullable<PolicyRecord['rollout']>;
export type HeldOut = NonNullable<PolicyRecord['heldOut']>;

const widest = 250;

/** Every n-th item, the first and the last one always, so that a long run stays a small page. */
export const thinned = <Item>(items: readonly Item[]): Item[] => {
  const every = Math.ceil(items.length / widest);
  return items.filter((_, i) => i % every === 0 || i === items.length - 1);
};

/** Step and value of the records that have a finite one, thinned. */
export const pointsOf = (
  records: readonly PolicyRecord[],
  value: (record: PolicyRecord) => number | null | undefined,
): [number, number][] =>
  thinned(
    records.flatMap((record): [number, number][] => {
      const found = value(record);
      return found === undefined || found === null || !Number.isFinite(found) ? [] : [[record.step, found]];
    }),
  );

export const rolloutSeries = (
  records: readonly PolicyRecord[],
  name: string,
  style: string,
  value: (rollout: Rollout) => number | null | undefined,
): Series => ({ name, style, points: pointsOf(records, ({ rollout }) => rollout && value(rollout)) });

/** Evaluations on held-out prompts, that before the first update at step 0. */
export const evaluationsOf = (
  records: readonly PolicyRecord[],
  start: HeldOut | null | undefined,
): { readonly step: number; readonly heldOut: HeldOut }[] => [
  ...(start ? [{ step: 0, heldOut: start }] : []),
  ...records.flatMap(({ step, heldOut }) => (heldOut ? [{ step, heldOut }] : [])),
];
