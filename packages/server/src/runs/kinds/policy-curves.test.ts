/** @file Tests: what of a policy's records becomes curves, each point once. */
import type { PolicyRecord } from '@plaudit/policy';
import { describe, expect, it } from 'vitest';
import { policyCurves } from './policy-curves.ts';

const update = (step: number): PolicyRecord =>
  ({ step, loss: 1 / step, learningRate: 0.1, gradientNorm: 1, tokens: 10, seconds: 1 }) as PolicyRecord;
const heldOut = { reward: 1, gold: 2, kl: 3, length: 4, ended: 1, prompts: 5 };

describe('the curves of a policy', () => {
  it('have a point for an update when it is done, and for its evaluation when that is', () => {
    const curves = policyCurves({ updates: 0, evaluations: 0 });
    expect(curves(update(1))).toContainEqual({ name: 'train/loss', step: 1, value: 1 });
    expect(curves(update(1))).toEqual([]);
    const evaluated = curves({ ...update(1), heldOut, validationLoss: 0.5 });
    expect(evaluated).toEqual(
      expect.arrayContaining([
        { name: 'heldOut/gold', step: 1, value: 2 },
        { name: 'validation/loss', step: 1, value: 0.5 },
      ]),
    );
    expect(evaluated.map(({ name }) => name)).not.toContain('train/loss');
    expect(curves({ ...update(1), heldOut })).toEqual([]);
  });

  it('go on after what an earlier attempt has written, and leave out what is no number', () => {
    const curves = policyCurves({ updates: 2, evaluations: 1 });
    expect([1, 2].flatMap((step) => curves(update(step)))).toEqual([]);
    expect(curves({ ...update(2), heldOut }).map(({ step }) => step)).toContain(2);
    const rollout = { kl: 0.5, parts: { helpful: 1 }, samples: [], lengthCorrelation: null };
    const names = curves({ ...update(3), rollout } as unknown as PolicyRecord).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['rollout/kl', 'rollout/parts/helpful']));
    expect(names).not.toContain('rollout/lengthCorrelation');
    expect(names).not.toContain('rollout/samples');
  });
});
