import { describe, expect, it } from 'vitest';
import { onlineRecords } from '../report/testing.ts';
import { type DriftCode, type DriftOptions, driftCodes, driftWarnings } from './warnings.ts';

type Change = NonNullable<Parameters<typeof onlineRecords>[1]>;

/** What each code must be seen in, from about which update on, and what looks alike and is not. */
const cases: Record<
  DriftCode,
  { fires: Change; between: readonly [number, number]; says: RegExp; silent: Change; options?: DriftOptions }
> = {
  length_creep: {
    fires: (step, { length }) => ({ length: length * (1 + step / 100) }),
    between: [28, 50],
    says: /^Responses have grown from 1\d\d to 2\d\d tokens \(\+\d+ %\)/,
    silent: (step, { length }) => ({ length: length * (1 + Math.min(0.2, step / 100)) }),
  },
  length_reward: {
    fires: (step, { lengthCorrelation }) => ({
      lengthCorrelation: lengthCorrelation! + (step > 30 ? 0.5 : 0),
    }),
    between: [35, 42],
    says: /correlation 0\.\d+ over 10 updates/,
    silent: (step, { lengthCorrelation }) => ({
      lengthCorrelation: step % 7 === 0 ? null : lengthCorrelation! + (step % 10 === 0 ? 0.7 : 0),
    }),
  },
  repetition: {
    fires: (step, { repetition }) => ({ repetition: repetition + (step > 50 ? 0.3 : 0) }),
    between: [51, 56],
    says: /^Responses repeat themselves: 3\d % of .*, \d % at the start/,
    silent: (_, { repetition }) => ({ repetition: repetition + 0.25 }),
  },
  entropy_collapse: {
    fires: (step, { entropy }) => ({ entropy: entropy * Math.exp(-step / 30) }),
    between: [36, 48],
    says: /^The entropy has fallen from 1\.\d+ to 0\.[01]\d* nats a token/,
    silent: (step, { entropy }) => ({ entropy: entropy * Math.max(0.5, Math.exp(-step / 30)) }),
  },
  ended_drop: {
    fires: (step) => ({ ended: step > 20 ? 0.6 : 0.95 }),
    between: [21, 26],
    says: /^60 % of the responses end by themselves, 95 % at the start/,
    // Noise of few responses.
    silent: (step) => ({ ended: step % 2 === 0 ? 0.5 : 1 }),
  },
  reward_variance_collapse: {
    fires: (step) => ({ rewardDeviationWithinPrompts: Math.max(0.05, 0.8 - step / 50) }),
    between: [30, 42],
    says: /standard deviation fell from 0\.\d+ to 0\.05/,
    silent: (_, __) => ({ rewardDeviationWithinPrompts: null }),
  },
  kl_blow_up: {
    fires: (step, { kl }) => ({ kl: step === 60 ? 90 : kl }),
    between: [60, 60],
    says: /^The divergence from the reference jumped to 90 nats; the median of the 10 updates before is 2\.\d+/,
    silent: (step) => ({ kl: 0.3 * step ** 2 }),
  },
  value_function: {
    fires: (step, { explainedVariance }) => ({
      explainedVariance: step > 30 ? -0.4 - Math.abs(explainedVariance!) : explainedVariance,
    }),
    between: [50, 50],
    says: /for 50 updates in a row \(explained variance −\d/,
    silent: (step) => ({ explainedVariance: step % 19 === 0 ? 0.01 : -0.2 }),
  },
};

describe('drift warnings', () => {
  it.each(driftCodes)('say %s where it is so, from about where it began, and nothing else', (code) => {
    const { fires, between, says } = cases[code];
    for (let seed = 1; seed <= 20; seed++) {
      const found = driftWarnings(onlineRecords(80, fires, seed));
      expect(found.map((one) => one.code)).toEqual([code]);
      expect(found[0]!.step).toBeGreaterThanOrEqual(between[0]);
      expect(found[0]!.step).toBeLessThanOrEqual(between[1]);
      expect(found[0]!.message).toMatch(says);
    }
  });

  it.each(driftCodes)('do not say %s of what only looks like it', (code) => {
    for (let seed = 1; seed <= 20; seed++)
      expect(driftWarnings(onlineRecords(80, cases[code].silent, seed))).toEqual([]);
  });

  it('say nothing of healthy runs, of few updates, of none, and of offline runs', () => {
    for (let seed = 1; seed <= 100; seed++)
      expect(driftWarnings(onlineRecords(200, undefined, seed))).toEqual([]);
    expect(driftWarnings(onlineRecords(9, (step) => ({ length: 50 * step, repetition: step / 9 })))).toEqual(
      [],
    );
    expect(driftWarnings([])).toEqual([]);
    const { rollout: _, ...offline } = onlineRecords(1)[0]!;
    expect(driftWarnings(Array.from({ length: 50 }, (_, i) => ({ ...offline, step: i + 1 })))).toEqual([]);
  });

  it('say when the divergence leaves its target behind', () => {
    const records = onlineRecords(100);
    expect(driftWarnings(records)).toEqual([]);
    const [warning] = driftWarnings(records, { klTarget: 2 });
    expect(warning).toMatchObject({ code: 'kl_blow_up', ongoing: true });
    expect(warning!.step).toBeGreaterThan(65);
    expect(warning!.step).toBeLessThan(80);
    expect(warning!.message).toContain('times its target of 2');
  });

  it('never go away when the run goes on, and say when what they saw is over', () => {
    const records = onlineRecords(120, (step, { length }) => ({
      length: step > 30 && step < 60 ? 2 * length : length,
    }));
    const first = driftWarnings(records.slice(0, 50))[0]!;
    const last = driftWarnings(records)[0]!;
    expect(first).toMatchObject({ code: 'length_creep', ongoing: true });
    expect(last).toMatchObject({ code: 'length_creep', ongoing: false, step: first.step });
  });

  it('come in the order in which they were seen', () => {
    const both = driftWarnings(
      onlineRecords(80, (step, { length }) => ({
        length: step > 60 ? 2 * length : length,
        ended: step > 20 ? 0.5 : 0.95,
      })),
    );
    expect(both.map(({ code }) => code)).toEqual(['ended_drop', 'length_creep']);
  });
});
