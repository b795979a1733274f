import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { compareCurves, labelsToReach, logArea, type SeedCurves, sharedLabels } from './curves.ts';

const labels = [50, 100, 200, 400, 800, 1600];

/** Accuracy that rises by the logarithm of labels, by 2 points a doubling, and wanders. @param speed Labels count so often */
const curves = (speed: number, seeds: number, noise = 0.002): SeedCurves =>
  Array.from({ length: seeds }, (_, seed) => {
    const random = new Random(seed, `curve ${speed}`);
    return labels.map((count) => ({
      labels: count,
      accuracy: 0.6 + 0.02 * Math.log2((speed * count) / 50) + noise * random.normal(),
      logLoss: 0.69 - 0.01 * Math.log2((speed * count) / 50),
    }));
  });

const all = (seeds: number): number[] => Array.from({ length: seeds }, () => 0.7);
const options = { shares: [0.9, 0.95], seed: 1 };

describe('labels to reach an accuracy', () => {
  it('lie on straight lines over the logarithm of labels', () => {
    expect(labelsToReach([100, 200], [0.6, 0.7], 0.65)).toBeCloseTo(100 * Math.SQRT2, 9);
    expect(labelsToReach([100, 200], [0.6, 0.7], 0.7)).toBeCloseTo(200, 9);
  });

  it('are the first where the first is enough, and nobody knows where none is', () => {
    expect(labelsToReach([100, 200], [0.6, 0.7], 0.5)).toBeCloseTo(100, 9);
    expect(labelsToReach([100, 200], [0.6, 0.7], 0.71)).toBeNull();
  });

  it('are not those of one lucky point', () => {
    const lucky = [0.55, 0.72, 0.56, 0.6, 0.66, 0.7];
    expect(labelsToReach(labels, lucky, 0.69)).toBeGreaterThan(800);
  });
});

describe('the area under a curve', () => {
  it('counts every doubling of labels alike', () => {
    expect(logArea([10, 20, 40], [0.5, 0.6, 0.7])).toBeCloseTo(0.6, 12);
    expect(logArea([10, 20, 80], [0.5, 0.6, 0.6])).toBeCloseTo((0.55 + 2 * 0.6) / 3, 12);
    expect(logArea([10], [0.5])).toBe(0.5);
  });
});

describe('a rule beside random', () => {
  it('that learns as much from half the labels saves half', () => {
    const { reached, area, lossArea } = compareCurves(curves(2, 10), curves(1, 10), all(10), labels, options);
    for (const { saved } of reached) {
      expect(saved!.value).toBeCloseTo(0.5, 1);
      expect(saved!.interval[0]).toBeGreaterThan(0.35);
      expect(saved!.interval[1]).toBeLessThan(0.65);
    }
    expect(area.value).toBeCloseTo(0.02, 2);
    expect(area.interval[0]).toBeGreaterThan(0);
    expect(lossArea.interval[1]).toBeLessThan(0);
  });

  it('that needs twice the labels is said to lose', () => {
    const { reached, area } = compareCurves(curves(1, 10), curves(2, 10), all(10), labels, options);
    expect(reached[0]!.saved!.value).toBeCloseTo(-1, 0);
    expect(reached[0]!.saved!.interval[1]).toBeLessThan(0);
    expect(area.interval[1]).toBeLessThan(0);
  });

  it('that is random itself saves nothing, for certain', () => {
    const same = curves(1, 10, 0.02);
    const { reached, area } = compareCurves(same, same, all(10), labels, options);
    expect(reached[0]!.saved).toEqual({ value: 0, interval: [0, 0] });
    expect(area).toEqual({ value: 0, interval: [0, 0] });
  });

  it('that never gets there saves an unknown share', () => {
    const never = compareCurves(curves(0.25, 10), curves(1, 10), all(10), labels, options);
    expect(never.reached[1]).toMatchObject({ labels: null, saved: null });
  });

  it('that gets there in most resamples of seeds and not in all has an interval that is open on that side', () => {
    // Nine seeds reach the height with ease, one never does and pulls the mean of some resamples below it.
    const barely = curves(1.5, 10, 0).map((curve, seed) =>
      seed === 0 ? curve.map((point) => ({ ...point, accuracy: 0.55 })) : curve,
    );
    const { saved } = compareCurves(barely, curves(2, 10, 0), all(10), labels, options).reached[1]!;
    expect(saved!.value).toBeLessThan(0);
    expect(saved!.interval[0]).toBeNull();
    expect(saved!.interval[1]).toBeLessThan(0.5);
  });

  it('has the interval that the pairing by seed leaves, not that of the seeds themselves', () => {
    const shift = Array.from({ length: 10 }, (_, seed) => 0.05 * new Random(seed).normal());
    const shifted = (speed: number): SeedCurves =>
      curves(speed, 10).map((curve, seed) =>
        curve.map((point) => ({ ...point, accuracy: point.accuracy + shift[seed]! })),
      );
    const { area } = compareCurves(shifted(2), shifted(1), all(10), labels, options);
    expect(area.interval[1] - area.interval[0]).toBeLessThan(0.005);
  });
});

describe('the labels at which curves are read', () => {
  it('are those that every curve has gone through', () => {
    const point = (count: number) => ({ labels: count, accuracy: 0.5, logLoss: 0.7 });
    expect(sharedLabels([[[10, 20, 40].map(point)], [[10, 20, 33].map(point)]])).toEqual([10, 20, 33]);
  });
});
