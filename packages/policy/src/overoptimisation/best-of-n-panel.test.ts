import { describe, expect, it } from 'vitest';
import { bestOfNPanel } from './best-of-n-panel.ts';

/** Twelve prompts of eight responses; the proxy likes what the gold reward likes, and something else, which it punishes. */
const prompts = Array.from({ length: 12 }, (_, p) => {
  const parts = Array.from({ length: 8 }, (_, i) => ({
    quality: ((p * 37 + i * 61) % 97) / 97,
    flattery: ((p * 53 + i * 29 + 7 * p * i) % 89) / 89,
  }));
  return {
    cluster: `prompt ${p}`,
    proxy: parts.map(({ quality, flattery }) => quality + flattery),
    gold: parts.map(({ quality, flattery }) => quality - 3 * Math.max(0, flattery - 0.7)),
  };
});

describe('the best-of-n panel', () => {
  it('equals numpy 2.4: the unbiased estimate for every n, and the law over the bound of the divergence', async () => {
    const { curve, fit } = await bestOfNPanel(prompts, { resamples: 100 });
    const reference = [
      [0.38369519576045397, 0.978744353063825],
      [0.4646866191744854, 1.239743467756615],
      [0.4939746708367118, 1.3676972497559199],
      [0.5084972530654795, 1.4505371139536551],
      [0.5131709097979513, 1.5103084164860199],
      [0.5093919097814035, 1.5556399033608577],
      [0.49890222595467, 1.5912945480520484],
      [0.4836779412332522, 1.6201011622070347],
    ];
    expect(curve.points).toHaveLength(8);
    for (const [i, [gold, proxy]] of reference.entries()) {
      expect(curve.points[i]!.gold).toBeCloseTo(gold!, 12);
      expect(curve.points[i]!.proxy).toBeCloseTo(proxy!, 12);
      expect(curve.points[i]!.klBound).toBeCloseTo(Math.log(i + 1) - i / (i + 1), 12);
    }
    expect(fit).toMatchObject({ law: 'best-of-n', points: 8, start: curve.points[0]!.gold });
    expect(fit!.alpha).toBeCloseTo(0.27719965792554135, 10);
    expect(fit!.beta).toBeCloseTo(0.15963058815342346, 10);
    expect(fit!.peak!.d).toBeCloseTo(0.8682535757467749, 10);
    expect(fit!.peak!.gain).toBeCloseTo(0.12033979709481706, 10);
    expect(fit!.peak!.reached).toBe(true);
  });

  it('gives intervals over resamples of prompts that hold the estimates, the same for the same seed', async () => {
    const first = await bestOfNPanel(prompts, { seed: 3, resamples: 200 });
    const { alpha, beta, alphaInterval, betaInterval } = first.fit!;
    for (const [value, interval] of [
      [alpha, alphaInterval],
      [beta, betaInterval],
    ] as const) {
      expect(interval![0]).toBeLessThan(value);
      expect(interval![1]).toBeGreaterThan(value);
    }
    expect((await bestOfNPanel(prompts, { seed: 3, resamples: 200 })).fit).toEqual(first.fit);
  });

  it('gives no intervals for fewer than ten prompts, no fit for fewer than four responses', async () => {
    const few = await bestOfNPanel(prompts.slice(0, 9), { resamples: 20 });
    expect(few.fit).toMatchObject({ alphaInterval: null, betaInterval: null });
    const short = prompts.map(({ cluster, proxy, gold }) => ({
      ...{ cluster, proxy: proxy.slice(0, 3), gold: gold.slice(0, 3) },
    }));
    expect((await bestOfNPanel(short, { resamples: 20 })).fit).toBeNull();
  });

  it('has no peak where the proxy is the gold reward', async () => {
    const honest = await bestOfNPanel(
      prompts.map(({ cluster, proxy }) => ({ cluster, proxy, gold: proxy })),
      { resamples: 20 },
    );
    const { points } = honest.curve;
    expect(points.every(({ gold }, i) => i === 0 || gold > points[i - 1]!.gold)).toBe(true);
    expect(honest.fit!.peak?.reached ?? false).toBe(false);
  });

  it('refuses nothing at all, and rewards for some responses only', async () => {
    await expect(bestOfNPanel([])).rejects.toThrow(RangeError);
    await expect(bestOfNPanel([{ cluster: 'a', proxy: [1, 2], gold: [1] }])).rejects.toThrow(/prompt 1/);
    await expect(bestOfNPanel([{ cluster: 'a', proxy: [], gold: [] }])).rejects.toThrow(/prompt 1/);
  });
});
