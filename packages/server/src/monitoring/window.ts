/** @file Two windows of what a deployment served, and how far the one has moved from the other. */
import { wilsonInterval } from '@plaudit/feedback';
import type { Observation, Store } from '@plaudit/store';
import { type Binned, binned } from '../statistics/binned.ts';
import {
  type CategoryDrift,
  categoryDrift,
  type NumberDrift,
  numberDrift,
} from '../statistics/distributions.ts';
import { type LengthPay, lengthPay } from '../statistics/length-pay.ts';
import { type Measured, tooFew } from '../statistics/measured.ts';
import { type TextDrift, textDrift } from '../statistics/text-drift.ts';

export interface Window {
  readonly deployment: string;
  readonly from: Date;
  readonly to: Date;
}

/** Rows that are read of a window; more are sampled from. */
const mostRows = 10_000;
/** Texts that are read of a window. */
const mostTexts = 400;
const mostSegments = 10;

/** What was answered: rows of the shadow are not. */
export const answered = async (store: Store, window: Window): Promise<readonly Observation[]> =>
  (await store.observations.sample(window, mostRows)).filter(({ arm }) => arm !== 'shadow');

export interface DriftReport {
  /** Of rewards in standard deviations of their own model where that is known, of raw rewards else. */
  readonly reward: Measured<NumberDrift>;
  readonly length: Measured<NumberDrift>;
  readonly repetition: Measured<NumberDrift>;
  readonly uncertainty: Measured<NumberDrift>;
  /** By the name of the segment, with `arm and bundle` as one more. */
  readonly segments: Readonly<Record<string, Measured<CategoryDrift>>>;
  /** Of the words of the prompts, as far as they are stored; too few where they are not. */
  readonly prompts: Measured<TextDrift>;
  /** Whether both windows were scored by the same bundles: raw rewards of others are on other scales. */
  readonly sameBundles: boolean;
  readonly rows: { readonly reference: number; readonly current: number };
  /** Both windows counted in the same bins; null where one of them has no value. */
  readonly distributions: Readonly<Record<'reward' | 'length' | 'repetition' | 'uncertainty', Binned | null>>;
}

const numbersOf = (rows: readonly Observation[], field: 'length' | 'repetition' | 'uncertainty'): number[] =>
  rows.flatMap((row) => row[field] ?? []);

/** The scores of rows on a scale that versions share as well as they can. */
export const rewardsOf = (rows: readonly Observation[]): number[] =>
  rows.every(({ z, reward }) => z !== null || reward === null)
    ? rows.flatMap(({ z }) => z ?? [])
    : rows.flatMap(({ reward }) => reward ?? []);

const promptTexts = async (store: Store, rows: readonly Observation[]): Promise<string[]> => {
  const ids = [...new Set(rows.flatMap(({ prompt }) => prompt ?? []))].slice(0, mostTexts);
  const texts: string[] = [];
  for (const id of ids) {
    const found = await store.prompts.get(id).catch((error: { code?: string }) => {
      if (error.code === 'store.unknown') return null;
      throw error;
    });
    const last = found?.prompt?.findLast(({ role }) => role === 'user');
    if (last) texts.push(last.content);
  }
  return texts;
};

/** @param texts Whether the words of prompts are compared too; that reads them. */
export const driftBetween = async (
  store: Store,
  reference: Window,
  current: Window,
  { texts = true }: { readonly texts?: boolean } = {},
): Promise<DriftReport> => {
  const [before, now] = [await answered(store, reference), await answered(store, current)];
  const names = [...new Set([...before, ...now].flatMap(({ segments }) => Object.keys(segments)))].sort();
  const bundlesOf = (rows: readonly Observation[]): string =>
    [...new Set(rows.map(({ bundle }) => bundle ?? ''))].sort().join();
  const segments: Record<string, Measured<CategoryDrift>> = {};
  for (const name of names.slice(0, mostSegments)) {
    const of = (rows: readonly Observation[]): string[] => rows.map((row) => row.segments[name] ?? 'absent');
    segments[name] = categoryDrift(of(before), of(now));
  }
  const both = <Result>(of: (before: number[], now: number[]) => Result) => ({
    reward: of(rewardsOf(before), rewardsOf(now)),
    length: of(numbersOf(before, 'length'), numbersOf(now, 'length')),
    repetition: of(numbersOf(before, 'repetition'), numbersOf(now, 'repetition')),
    uncertainty: of(numbersOf(before, 'uncertainty'), numbersOf(now, 'uncertainty')),
  });
  return {
    ...both((reference, current) => numberDrift(reference, current)),
    segments,
    prompts: texts
      ? textDrift(await promptTexts(store, before), await promptTexts(store, now))
      : tooFew(0, 1),
    sameBundles: bundlesOf(before) === bundlesOf(now),
    rows: { reference: before.length, current: now.length },
    distributions: both(binned),
  };
};

export interface Share {
  readonly share: number;
  readonly interval: readonly [number, number];
}

export interface HackingReport {
  readonly lengthPay: Measured<LengthPay>;
  /** Mean share of repeated four-grams. */
  readonly repetition: Measured<{ readonly mean: number }>;
  /** Share of the scores at or above the 99th percentile of the reference: 1 % where nothing has changed. */
  readonly saturation: Measured<Share>;
  readonly refusals: Measured<Share>;
  readonly truncations: Measured<Share>;
}

const fewest = 100;

export const shareOf = (count: number, n: number, least = fewest): Measured<Share> =>
  n < least || n === 0
    ? tooFew(n, least)
    : { enough: true, n, share: count / n, interval: wilsonInterval(count / n, n) };

/** Signs that responses please the reward model rather than people. */
export const hackingSigns = (
  reference: readonly Observation[],
  current: readonly Observation[],
): HackingReport => {
  const groups = Map.groupBy(
    current.filter(({ prompt, reward, length }) => prompt !== null && reward !== null && length !== null),
    ({ prompt }) => prompt,
  );
  const before = Float64Array.from(rewardsOf(reference)).sort();
  const now = rewardsOf(current);
  const bar = before[Math.floor(0.99 * before.length)] ?? Number.POSITIVE_INFINITY;
  const repetition = numbersOf(current, 'repetition');
  return {
    lengthPay: lengthPay(
      [...groups.values()].map((rows) => rows.map((row) => ({ reward: row.reward!, length: row.length! }))),
    ),
    repetition:
      repetition.length < fewest
        ? tooFew(repetition.length, fewest)
        : {
            enough: true,
            n: repetition.length,
            mean: repetition.reduce((sum, value) => sum + value, 0) / repetition.length,
          },
    saturation:
      before.length < fewest
        ? tooFew(before.length, fewest)
        : shareOf(now.filter((score) => score >= bar).length, now.length),
    refusals: shareOf(current.filter(({ refused }) => refused).length, current.length),
    truncations: shareOf(current.filter(({ truncated }) => truncated).length, current.length),
  };
};
