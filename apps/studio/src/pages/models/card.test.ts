/** @file Tests: what is shown of a card is what it holds, and nothing that is missing. */
import { describe, expect, it } from 'vitest';
import { heldOutOf, lawOf, measuresOf, reliabilityOf } from './card.ts';
import { drawable } from './drawable.ts';

describe('cards', () => {
  it('are read as runs write them', () => {
    const test = {
      ...{ accuracy: 0.7, accuracyInterval: [0.6, 0.8], ece: 0.1, lengthCorrelation: null },
      reliability: {
        calibrated: [
          { low: 0.5, high: 0.6, pairs: 9, confidence: 0.55, accuracy: 0.5 },
          { low: 0.6, high: 0.7, pairs: 0, confidence: null, accuracy: null },
        ],
      },
    };
    expect(measuresOf({ test }).map(({ name, value }) => [name, value])).toEqual([
      ['Accuracy', 0.7],
      ['Calibration error', 0.1],
    ]);
    expect(reliabilityOf({ test })).toEqual([{ name: 'calibrated', points: [{ x: 0.55, y: 0.5 }] }]);
    expect(heldOutOf({ start: { kl: 0 }, kept: { kl: 2, reward: 1 } })).toEqual([
      { name: 'kl', before: 0, after: 2 },
      { name: 'reward', before: null, after: 1 },
    ]);
  });

  it('of others say nothing, rather than something wrong', () => {
    for (const card of [{}, { test: 'good' }, { test: { accuracy: 'high' } }, { overOptimisation: [] }]) {
      expect(measuresOf(card)).toEqual([]);
      expect(reliabilityOf(card)).toEqual([]);
      expect(lawOf(card)).toBeNull();
    }
  });
});

describe('the curves of a policy', () => {
  it('are those on held-out prompts, where there are such', () => {
    expect(drawable(['rollout/kl', 'rollout/reward', 'heldOut/kl', 'heldOut/gold', 'train/loss'])).toEqual([
      'heldOut/kl',
      'heldOut/gold',
    ]);
    expect(drawable(['kl', 'reward', 'gold reward'])).toEqual(['kl', 'reward', 'gold reward']);
    expect(drawable(['train/loss'])).toEqual([]);
  });
});
