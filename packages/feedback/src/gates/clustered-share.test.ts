import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { textKey } from '../duplicates/text-key.ts';
import { clusterBootstrap, wilsonInterval } from '../statistics/bootstrap.ts';
import { ClusteredShare, PromptDraws } from './clustered-share.ts';
import { times } from './testing.ts';

const shareOf = (values: readonly { readonly value: number; readonly cluster: string }[]): ClusteredShare => {
  const share = new ClusteredShare();
  const draws = new PromptDraws();
  for (const { value, cluster } of values) {
    const key = textKey(cluster);
    share.add(value, key, draws.of(key));
  }
  return share;
};

describe('a share with an interval over prompts', () => {
  it('has the interval of resampling whole prompts, in memory that does not grow', () => {
    const random = new Random(1, 'test');
    const values = times(300, (prompt) => {
      const easy = random.uniform();
      return times(1 + random.integer(8), () => ({
        value: Number(random.uniform() < easy),
        cluster: `prompt ${prompt}`,
      }));
    }).flat();
    const { mean, interval } = clusterBootstrap(values, ({ value }) => value, { resamples: 4000 });
    const share = shareOf(values);
    expect(share.value).toBeCloseTo(mean, 12);
    for (const side of [0, 1] as const)
      expect(Math.abs(share.interval![side] - interval[side])).toBeLessThan(0.01);
    // Rows that are taken for independent look far too certain.
    const naive = wilsonInterval(mean, values.length);
    expect(interval[1] - interval[0]).toBeGreaterThan(1.3 * (naive[1] - naive[0]));
  });

  it('does not depend on the order of the rows', () => {
    const values = times(200, (i) => ({ value: i % 3 === 0 ? 1 : 0, cluster: `prompt ${i % 40}` }));
    const [one, other] = [shareOf(values), shareOf(values.toReversed())];
    expect(other.value).toBe(one.value);
    expect(other.interval).toEqual(one.interval);
  });

  it('is Wilson’s with prompts as its count where resampling cannot see the uncertainty', () => {
    const alike = shareOf(times(120, (i) => ({ value: 1, cluster: `prompt ${i % 60}` })));
    expect(alike.interval).toEqual(wilsonInterval(1, 60));
    const few = shareOf(times(100, (i) => ({ value: i % 2, cluster: `prompt ${i % 5}` })));
    expect(few.interval).toEqual(wilsonInterval(0.5, 5));
  });

  it('counts prompts exactly at first and then within a tenth', () => {
    const countOf = (prompts: number): number =>
      shareOf(times(2 * prompts, (i) => ({ value: 1, cluster: `${i % prompts}` }))).prompts;
    expect(countOf(255)).toBe(255);
    expect(Math.abs(countOf(20_000) / 20_000 - 1)).toBeLessThan(0.15);
  });
});
