/** @file Drift in words: how far a distribution has moved, by the largest of its effect sizes, and only where chance does not explain it. */
import type { Result } from '@plaudit/sdk';
import { brief } from '../../chart/series.ts';

export type Size = 'none' | 'small' | 'moderate' | 'large';
const sizes: readonly Size[] = ['none', 'small', 'moderate', 'large'];

type Drift = Result<'drift'>;
export type NumberDrift = Extract<Drift['reward'], { enough: true }>;
type TextDrift = Extract<Drift['prompts'], { enough: true }>;
type CategoryDrift = Extract<Drift['segments'][string], { enough: true }>;

/** From where on a value is small, moderate and large. */
type Bounds = readonly [number, number, number];

/** By convention 0.1 is a stable and 0.25 a moved population; the others follow Cohen's 0.2, 0.5 and 0.8 deviations. */
const bounds = {
  psi: [0.05, 0.1, 0.25],
  deviations: [0.2, 0.5, 0.8],
  /** Share of the classifier's pairs that it tells apart: 0.5 is a coin. */
  auc: [0.56, 0.64, 0.71],
  jensenShannon: [0.05, 0.1, 0.2],
} as const satisfies Record<string, Bounds>;

/** A p-value above this is chance: several measures are looked at, again and again. */
export const chance = 0.01;

const sizeOf = (value: number, [small, moderate, large]: Bounds): Size =>
  value >= large ? 'large' : value >= moderate ? 'moderate' : value >= small ? 'small' : 'none';

const largest = (found: readonly Size[]): Size =>
  found.reduce((most, one) => (sizes.indexOf(one) > sizes.indexOf(most) ? one : most), 'none');

export const sizeOfNumbers = ({ psi, ksPValue, wasserstein }: NumberDrift): Size =>
  ksPValue >= chance
    ? 'none'
    : largest([sizeOf(psi, bounds.psi), sizeOf(wasserstein ?? 0, bounds.deviations)]);

export const sizeOfTexts = ({ auc, pValue }: TextDrift): Size =>
  pValue >= chance ? 'none' : sizeOf(auc, bounds.auc);

export const sizeOfCategories = ({ psi, jensenShannon }: CategoryDrift): Size =>
  largest([sizeOf(psi, bounds.psi), sizeOf(jensenShannon, bounds.jensenShannon)]);

/** What has happened, as one would say it. */
export const sentenceOf = (name: string, found: NumberDrift): string => {
  const { shift, wasserstein } = found;
  if (sizeOfNumbers(found) === 'none') return `${name} is where it was.`;
  if (shift === null) return `${name} never varied in the reference, and does now.`;
  const by = `${brief(Math.abs(shift))} standard deviations`;
  return Math.abs(shift) < (wasserstein ?? 0) / 2
    ? `The mean of ${name.toLowerCase()} is about where it was; the shape is another one.`
    : `${name} is ${by} ${shift > 0 ? 'higher' : 'lower'} on average.`;
};

/** Shares of both windows by the left edges of their bins, closed by the last edge. */
export const histogramOf = (of: NonNullable<Drift['distributions']['reward']>) => {
  const series = (name: string, counts: readonly number[]) => {
    const n = counts.reduce((sum, count) => sum + count, 0);
    const points = counts.map((count, bin) => ({ x: of.edges[bin]!, y: count / n }));
    return { name, points: [...points, { x: of.edges.at(-1)!, y: points.at(-1)!.y }] };
  };
  return [series('reference', of.reference), series('now', of.current)];
};
