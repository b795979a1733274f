/** @file Points of curves out of the records of a run. */
import type { Series } from '@plaudit/reward';
import type { PolicyRecord } from '../trainer/record.ts';

export type Rollout = NonNullable<PolicyRecord['rollout']>;
export type HeldOut = NonNullable<PolicyRecord['heldOut']>;

const widest = 250;

/** Every n-th record, the first and the last one and every evaluation always, so that a long run stays a small page. */
export const thinned = (records: readonly PolicyRecord[]): PolicyRecord[] => {
  const every = Math.ceil(records.length / widest);
  return records.filter(
    ({ heldOut, validationLoss, validationAccuracy }, i) =>
      i % every === 0 ||
      i === records.length - 1 ||
      heldOut !== undefined ||
      validationLoss !== undefined ||
      validationAccuracy !== undefined,
  );
};

/** The records that have a finite value. */
export const pointsOf = (
  records: readonly PolicyRecord[],
  value: (record: PolicyRecord) => number | null | undefined,
): [number, number][] =>
  records.flatMap((record): [number, number][] => {
    const found = value(record);
    return found === undefined || found === null || !Number.isFinite(found) ? [] : [[record.step, found]];
  });

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
