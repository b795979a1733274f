/** @file Choosing tokens: against the processors of Python's transformers, and against sorting the whole vocabulary. */
import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { type Distribution, Sampler, type SamplingOptions } from './sampler.ts';
import { recordedSampling } from './testing.ts';

const logSumExp = (values: readonly number[]): number =>
  Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0));

/** What the graph would give for these logits. */
const distributionOf = (logits: readonly number[], sampler: Sampler): Distribution => {
  const scaled = logits.map((logit) => logit / sampler.temperature);
  const scaledLogSumExp = logSumExp(scaled);
  const values =
    sampler.reads === 'logits' ? logits : scaled.map((logit) => Math.exp(logit - scaledLogSumExp));
  return { values: Float32Array.from(values), logSumExp: logSumExp(logits), scaledLogSumExp };
};

/** The share of the numbers in [0, 1) that lead to each token. */
const shares = (
  logits: readonly number[],
  options: SamplingOptions,
  seen: readonly number[] = [],
  count = 20_000,
) => {
  const sampler = new Sampler(options, logits.length);
  const distribution = distributionOf(logits, sampler);
  const found = logits.map(() => 0);
  const logProbabilities = logits.map(() => Number.NEGATIVE_INFINITY);
  for (let i = 0; i < count; i++) {
    const choice = sampler.choose(distribution, (i + 0.5) / count, new Set(seen));
    found[choice.token]! += 1 / count;
    logProbabilities[choice.token] = choice.samplingLogProbability;
    const raw = logits[choice.token]! - distribution.logSumExp;
    expect(Math.abs(choice.logProbability - raw)).toBeLessThan(1e-5);
  }
  return { found, logProbabilities };
};

describe('a sampler', () => {
  const { logits, seen, cases } = recordedSampling;

  it.each(cases)(
    'draws from the distribution that transformers leaves with $options',
    ({ options, probabilities }) => {
      const { found, logProbabilities } = shares(logits, options, seen);
      for (const [token, probability] of probabilities.entries()) {
        expect(Math.abs(found[token]! - probability)).toBeLessThan(1e-4);
        expect(Math.abs(Math.exp(logProbabilities[token]!) - probability)).toBeLessThan(1e-5);
      }
      expect(logProbabilities.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 5);
    },
  );

  it('takes the likeliest token at temperature 0, after the penalty, whatever the number', () => {
    const best = logits.indexOf(Math.max(...logits));
    const greedy = new Sampler({ temperature: 0 }, logits.length);
    const first = greedy.choose(distributionOf(logits, greedy), 0.99, new Set(seen));
    expect(first).toMatchObject({ token: best, samplingLogProbability: 0 });
    const penalised = new Sampler({ temperature: 0, repetitionPenalty: 4 }, logits.length);
    const other = penalised.choose(distributionOf(logits, penalised), 0.99, new Set(seen));
    expect(seen).toContain(best);
    expect(seen).not.toContain(other.token);
    expect(other.logProbability).toBeCloseTo(logits[other.token]! - logSumExp(logits), 5);
  });

  it('leaves the tokens that sorting the whole vocabulary leaves', () => {
    const random = new Random(5);
    for (const spread of [0.01, 1, 6]) {
      const many = Array.from({ length: 3000 }, () => Math.fround(random.normal() * spread));
      const sampler = new Sampler({}, many.length);
      const p = distributionOf(many, sampler).values;
      const order = [...p.keys()].sort((a, b) => p[b]! - p[a]! || a - b);
      /** What the kept tokens have together follows from the probability that any of them is drawn with. */
      const check = (options: SamplingOptions, kept: readonly number[]): void => {
        const filtered = new Sampler(options, many.length);
        const mass = kept.reduce((sum, token) => sum + p[token]!, 0);
        for (let i = 0; i < 200; i++) {
          const uniform = random.uniform();
          const choice = filtered.choose(distributionOf(many, filtered), uniform, new Set());
          expect(kept).toContain(choice.token);
          expect(p[choice.token]! / Math.exp(choice.samplingLogProbability) / mass).toBeCloseTo(1, 6);
        }
      };
      check(
        { topK: 20 },
        order.filter((token) => p[token]! >= p[order[19]!]!),
      );
      check(
        { minP: 0.5 },
        order.filter((token) => p[token]! >= 0.5 * p[order[0]!]!),
      );
      let mass = 0;
      const nucleus = order.filter((token) => {
        const kept = mass < 0.3;
        mass += p[token]!;
        return kept;
      });
      check({ topP: 0.3 }, nucleus);
    }
  });

  it('draws from a large vocabulary each token as often as its probability says', () => {
    const random = new Random(6);
    const many = Array.from({ length: 1000 }, () => random.normal());
    const sampler = new Sampler({}, many.length);
    const { values } = distributionOf(many, sampler);
    const { found } = shares(many, {}, [], 200_000);
    for (const [token, share] of found.entries()) expect(Math.abs(share - values[token]!)).toBeLessThan(2e-5);
  });

  it('keeps at least one token, and all of them at the ends of the ranges', () => {
    const one = shares(logits, { topP: 1e-9 }, [], 100).found;
    expect(one.filter((share) => share > 0)).toHaveLength(1);
    const all = shares(logits, { topK: logits.length + 5, topP: 1, minP: 0 });
    const plain = shares(logits, {});
    expect(all.found).toEqual(plain.found);
  });

  it('never draws a token without probability, also where rounding leaves the sum below the number', () => {
    const values = Float32Array.of(0, 0.5, 0, 0.4999, 0);
    const sampler = new Sampler({}, values.length);
    const choose = (uniform: number) =>
      sampler.choose({ values, logSumExp: 0, scaledLogSumExp: 0 }, uniform, new Set()).token;
    expect([0, 0.49, 0.5, 0.999999].map(choose)).toEqual([1, 1, 3, 3]);
  });

  it.each([
    { temperature: -1 },
    { temperature: Number.NaN },
    { topK: 1.5 },
    { topP: 0 },
    { topP: 1.1 },
    { minP: 2 },
    { repetitionPenalty: 0 },
  ])('refuses %j', (options) => {
    expect(() => new Sampler(options, 4)).toThrow(RangeError);
  });
});
