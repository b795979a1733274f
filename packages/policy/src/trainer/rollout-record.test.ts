/** @file What the log says of a rollout, against numbers worked out by hand. */
import { describe, expect, it } from 'vitest';
import { noMoments } from '../advantage/index.ts';
import type { ScoredPrompt } from './minibatch.ts';
import { policyRecord } from './record.ts';
import { rolloutRecord } from './rollout-record.ts';

interface Response {
  readonly text: string;
  readonly reward: number;
  readonly own: number[];
  readonly reference: number[];
  readonly divergences: number[];
  readonly entropies: number[];
  readonly values: number[];
  readonly ended?: boolean;
  readonly parts?: Record<string, number>;
  readonly gold?: number;
  readonly cost?: number;
}

const prompt = (index: number, content: string, responses: Response[]): ScoredPrompt => ({
  prompt: { prompt: [{ role: 'user', content }], tokens: [1, 2], truncated: false },
  tree: { index, tokens: { prompt: [1, 2], responses: responses.map(({ own }) => own.map(() => 7)) } },
  responses: responses.map(({ text, reward, own, ended = true, parts = {}, gold, cost }) => ({
    tokens: own.map(() => 7),
    text,
    ended,
    score: { reward, parts, uncertainty: null },
    // Penalties are no part of what the log calls the reward.
    reward: { reward: reward - 100, raw: reward, uncertainty: null, clipped: false, unended: !ended },
    gold: gold ?? null,
    cost: cost ?? null,
  })),
  scores: responses.map(({ own, reference, divergences, entropies, values }) => ({
    logProbabilities: Float32Array.from(own),
    reference: Float32Array.from(reference),
    divergences: Float32Array.from(divergences),
    entropies: Float32Array.from(entropies),
    values: Float32Array.from(values),
  })),
});

const scored = [
  prompt(0, 'first', [
    {
      text: 'one two three four one two three four',
      reward: 1,
      own: [-1, -2],
      reference: [-1.5, -2],
      divergences: [0.25, 0.125],
      entropies: [1, 2],
      values: [1, 1],
      parts: { length: 1, style: 0 },
      gold: 4,
      cost: -1,
    },
    {
      text: 'short',
      reward: 3,
      own: [-1],
      reference: [-0.5],
      divergences: [0.5],
      entropies: [3],
      values: [2],
      ended: false,
      parts: { length: 2 },
      gold: 6,
      cost: 2,
    },
  ]),
  prompt(1, 'second', [
    {
      text: 'x'.repeat(2000),
      reward: 5,
      own: [-4],
      reference: [-4],
      // Below 0 by rounding alone.
      divergences: [-0.0009765625],
      entropies: [0],
      values: [3],
      gold: 8,
      cost: 5,
    },
  ]),
];
const none = {
  advantages: [],
  returns: null,
  baseline: noMoments,
  weigh: () => new Map<number, readonly Float64Array[]>(),
};
const run = {
  dropped: 2,
  klCoefficient: 0.05,
  clipped: 0.125,
  valueLoss: 0.5,
  phases: { rollout: 1, scoring: 2, learning: 3 },
  multiplier: null,
  credit: none,
};

describe('the record of a rollout', () => {
  const record = rolloutRecord(scored, run);

  it('has means over responses of what the reward gave, before penalties', () => {
    expect(record).toMatchObject({ responses: 3, reward: 3, rewardDeviation: 2, dropped: 2, gold: 6 });
    expect(record.rewardDeviationWithinPrompts).toBeCloseTo(Math.SQRT2, 12);
    expect(record.parts).toEqual({ length: 1, style: 0 });
    expect(record.cost).toBe(2);
  });

  it('has divergences of whole responses, never below 0, and the sampled ones as they are', () => {
    expect(record.kl).toBeCloseTo((0.375 + 0.5 + 0) / 3, 12);
    expect(record.klSampled).toBeCloseTo((0.5 - 0.5 + 0) / 3, 12);
  });

  it('has the entropy of a token, the tokens of a response, and how many ended', () => {
    expect(record.entropy).toBeCloseTo(6 / 4, 12);
    expect(record.length).toBeCloseTo(4 / 3, 12);
    expect(record.ended).toBeCloseTo(2 / 3, 12);
  });

  it('has repetition, and the correlation of reward and length within prompts', () => {
    // One of the five four-grams of the first response was there before.
    expect(record.repetition).toBeCloseTo(0.2 / 3, 12);
    expect(record.lengthCorrelation).toBe(-1);
  });

  it('shows the first responses, cut to a readable length', () => {
    expect(record.samples).toEqual([
      { prompt: 'first', response: scored[0]!.responses[0]!.text, reward: 1, gold: 4 },
      { prompt: 'first', response: 'short', reward: 3, gold: 6 },
    ]);
    const [shown] = rolloutRecord([scored[1]!], run).samples;
    expect(shown!.response).toHaveLength(1000);
  });

  it('explains the share of the variance of returns that the values do', () => {
    expect(record.explainedVariance).toBeNull();
    const returns = [[Float64Array.of(2, 2), Float64Array.of(3)], [Float64Array.of(5)]];
    const explained = rolloutRecord(scored, { ...run, credit: { ...none, returns } }).explainedVariance;
    // Returns 2, 2, 3, 5 less values 1, 1, 2, 3 are 1, 1, 1, 2.
    expect(explained).toBeCloseTo(1 - 0.25 / 2, 12);
    const equal = [[Float64Array.of(2, 2), Float64Array.of(2)], [Float64Array.of(2)]];
    expect(
      rolloutRecord(scored, { ...run, credit: { ...none, returns: equal } }).explainedVariance,
    ).toBeNull();
  });

  it('says nothing of what there is none of', () => {
    const bare = scored.map((one) => ({
      ...one,
      responses: one.responses.map((response) => ({ ...response, gold: null, cost: null })),
    }));
    const found = rolloutRecord([bare[1]!], run);
    expect(Object.keys(found)).not.toContain('gold');
    expect(Object.keys(found)).not.toContain('cost');
    expect(Object.keys(found)).not.toContain('multiplier');
    expect(found.rewardDeviationWithinPrompts).toBeNull();
    expect(found.lengthCorrelation).toBeNull();
    expect(rolloutRecord(scored, { ...run, multiplier: 3 }).multiplier).toBe(3);
  });

  it('is one that the log takes, an empty one too', () => {
    const whole = { step: 1, loss: 0, learningRate: 1, gradientNorm: 1, tokens: 4, seconds: 1 };
    for (const rollout of [record, rolloutRecord([], run)])
      expect(policyRecord.safeParse({ ...whole, rollout }).success).toBe(true);
  });
});
