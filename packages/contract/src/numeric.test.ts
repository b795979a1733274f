import { describe, expect, it } from 'vitest';
import { logSigmoid, sigmoid, softplus } from './numeric.ts';

describe('the logistic functions', () => {
  it('stay finite and right at the ends', () => {
    expect(softplus(1000)).toBe(1000);
    expect(softplus(-1000)).toBe(0);
    expect(softplus(0)).toBeCloseTo(Math.LN2, 15);
    expect(sigmoid(-1000)).toBe(0);
    expect(sigmoid(1000)).toBe(1);
    expect(sigmoid(Math.log(3))).toBeCloseTo(0.75, 15);
    expect(logSigmoid(-1000)).toBe(-1000);
    expect(logSigmoid(1000)).toBeCloseTo(0, 15);
    expect(logSigmoid(Math.log(3))).toBeCloseTo(Math.log(0.75), 15);
  });

  it('keep the digits of a small probability', () => {
    expect(sigmoid(-700) / Math.exp(-700)).toBeCloseTo(1, 12);
    expect(softplus(-40) / Math.exp(-40)).toBeCloseTo(1, 12);
  });
});
