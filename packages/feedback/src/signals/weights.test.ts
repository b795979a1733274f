import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { selfNormalisedMean } from './estimate.ts';
import { judgementsFromSignals } from './judgements.ts';
import type { Impression, SignalEvent } from './log.ts';
import { propensitiesOf } from './propensity.ts';
import { defaultSignalRules } from './rules.ts';
import { did, shown } from './testing.ts';
import { weighted } from './weights.ts';

describe('propensities', () => {
  const impressions = [
    ...Array.from({ length: 40 }, (_, i) => shown(`a${i}`)),
    ...Array.from({ length: 10 }, (_, i) => shown(`b${i}`, { surface: 'mail' })),
    ...Array.from({ length: 50 }, (_, i) => shown(`c${i}`, { surface: 'plain', controls: ['copy'] })),
  ];
  const signalled = new Set(['a0', 'a1', 'a2', 'a3', 'b0', 'c0']);

  it('are shares of the impressions where the signal could be given, drawn towards the share of all', () => {
    const rates = (prior: number) =>
      propensitiesOf(impressions, 'thumb', signalled, { by: ['surface'], clip: 0.05, prior });
    expect(rates(0).strata).toEqual([
      { stratum: { surface: 'chat' }, impressions: 40, signalled: 4, propensity: 0.1 },
      { stratum: { surface: 'mail' }, impressions: 10, signalled: 1, propensity: 0.1 },
    ]);
    // (4 + 20 x 0.1) / 60, (1 + 20 x 0.1) / 30; all are 5 of 50.
    expect(rates(20).strata.map(({ propensity }) => propensity)).toEqual([0.1, 0.1]);
    expect(rates(20).at(shown('new', { surface: 'elsewhere' }))).toBe(0.1);
    const few = propensitiesOf(impressions, 'thumb', new Set(['b0', 'b1', 'b2']), {
      by: ['surface'],
      clip: 0.05,
      prior: 10,
    });
    expect(few.at(shown('x', { surface: 'mail' }))).toBeCloseTo((3 + 10 * 0.06) / 20, 12);
  });
});

describe('weights', () => {
  const one = (propensity: number, fields: object = {}) => ({
    rule: 'r',
    weight: 0.5,
    propensity,
    user: undefined as string | undefined,
    time: '2026-03-01T23:30:00Z',
    ...fields,
  });
  const rules = { propensity: { by: [], clip: 0.05, prior: 0 }, perUserAndDay: 5 };

  it('go with the inverse of the propensity, at most 1 / 0.05, and are the weight of the rule on average', () => {
    const { weights, capped } = weighted(
      [one(0.5), one(0.1), one(1e-6), one(1, { rule: 's', weight: 1 })],
      rules,
    );
    expect(capped).toBe(0);
    // 2, 10 and 20, whose mean is 32 / 3.
    expect(weights).toEqual([2, 10, 20].map((w) => (0.5 * w) / (32 / 3)).concat(1));
  });

  it('of one user and day sum to the cap at most, in UTC, and those of nobody are left', () => {
    const given = [
      ...Array.from({ length: 40 }, () => one(1, { user: 'flood' })),
      one(1, { user: 'flood', time: '2026-03-01T22:30:00-03:00' }),
      ...Array.from({ length: 40 }, () => one(1)),
      one(1, { user: 'calm' }),
    ];
    const { weights, capped } = weighted(given, rules);
    expect(capped).toBe(40);
    expect(weights.slice(0, 40)).toEqual(Array(40).fill(5 / 40));
    expect(weights.slice(40)).toEqual(Array(42).fill(0.5));
  });
});

describe('the self-normalised estimate', () => {
  it('is the weighted mean with the interval of a ratio', () => {
    const { mean, interval, effective } = selfNormalisedMean([
      { value: 1, probability: 0.5 },
      { value: 0, probability: 0.25 },
      { value: 1, probability: 0.001 },
    ]);
    // Weights 2, 4 and 20: 22 / 26; residuals 2 (4/26), 4 (22/26) and 20 (4/26).
    expect(mean).toBeCloseTo(22 / 26, 12);
    const half = (1.959963984540054 * Math.hypot((2 * 4) / 26, (4 * 22) / 26, (20 * 4) / 26)) / 26;
    expect(interval[1] - mean).toBeCloseTo(half, 12);
    expect(effective).toBeCloseTo(26 ** 2 / (4 + 16 + 400), 12);
    expect(() => selfNormalisedMean([])).toThrow(RangeError);
  });

  it('takes the values of one user for one', () => {
    const values = [1, 1, 0, 0].map((value) => ({ value, probability: 1 }));
    const alone = selfNormalisedMean(values).interval;
    const users = selfNormalisedMean(values.map((one, i) => ({ ...one, user: i < 2 ? 'u' : 'v' }))).interval;
    expect(users[1] - users[0]).toBeCloseTo(Math.SQRT2 * (alone[1] - alone[0]), 12);
  });
});

describe('a log whose busy page has the better answers', () => {
  /** Share of impressions, probability that the answer is good, and that the user gives a thumb either way. */
  const pages = [
    { surface: 'chat', share: 0.2, good: 0.9, thumb: 0.4 },
    { surface: 'mail', share: 0.5, good: 0.5, thumb: 0.1 },
    { surface: 'help', share: 0.3, good: 0.2, thumb: 0.06 },
  ];
  const truth = pages.reduce((sum, { share, good }) => sum + share * good, 0);
  const log = (random: Random): { impressions: Impression[]; events: SignalEvent[] } => {
    const impressions: Impression[] = [];
    const events: SignalEvent[] = [];
    for (let i = 0; i < 2000; i++) {
      const at = random.uniform();
      const page = pages[at < 0.2 ? 0 : at < 0.7 ? 1 : 2]!;
      impressions.push(shown(`${i}`, { surface: page.surface, user: `u${i}` }));
      const good = random.uniform() < page.good;
      if (random.uniform() < page.thumb) events.push(did(`${i}`, { signal: 'thumb', up: good }));
    }
    return { impressions, events };
  };

  it('gives an interval that covers the truth where the share of good thumbs does not', () => {
    const rules = { ...defaultSignalRules, propensity: { ...defaultSignalRules.propensity, prior: 0 } };
    const runs = 40;
    const covered = { weighted: 0, naive: 0 };
    let bias = 0;
    for (let run = 0; run < runs; run++) {
      const { judgements } = judgementsFromSignals(log(new Random(run)), { source: 'log', rules });
      const seen = judgements.map(({ judgement }) => ({
        value: judgement.kind === 'label' && judgement.desirable ? 1 : 0,
        probability: judgement.provenance.selectionProbability!,
      }));
      const covers = ([low, high]: readonly [number, number]): boolean => low <= truth && truth <= high;
      const ours = selfNormalisedMean(seen);
      bias += (ours.mean - truth) / runs;
      if (covers(ours.interval)) covered.weighted++;
      if (covers(selfNormalisedMean(seen.map((one) => ({ ...one, probability: 1 }))).interval))
        covered.naive++;
    }
    expect(truth).toBeCloseTo(0.49, 12);
    expect(covered.weighted).toBeGreaterThanOrEqual(0.9 * runs);
    expect(covered.naive).toBeLessThanOrEqual(1);
    expect(Math.abs(bias)).toBeLessThan(0.01);
  });
});
