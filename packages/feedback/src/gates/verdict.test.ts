import { describe, expect, it } from 'vitest';
import type { Observation } from './gate.ts';
import { verdictOf } from './verdict.ts';

const observed = (over: Partial<Observation>): Observation => ({
  value: 0.5,
  n: 100,
  noun: 'rows',
  reason: '',
  ...over,
});
const limits = { warn: { most: 0.6 }, fail: { most: 0.8 } };

describe('a verdict', () => {
  it('does not apply where there is no value', () => {
    expect(verdictOf(observed({ value: null }), limits)).toBe('not_applicable');
  });

  it('warns by the value and fails by the whole interval', () => {
    expect(verdictOf(observed({ value: 0.6 }), limits)).toBe('pass');
    expect(verdictOf(observed({ value: 0.61 }), limits)).toBe('warn');
    expect(verdictOf(observed({ value: 0.9, interval: [0.79, 1] }), limits)).toBe('warn');
    expect(verdictOf(observed({ value: 0.9, interval: [0.81, 1] }), limits)).toBe('fail');
  });

  it('fails without an interval by the value, which is then a count of what is there', () => {
    expect(verdictOf(observed({ value: 0.81 }), limits)).toBe('fail');
  });

  it('looks at both sides', () => {
    const both = { warn: { least: 0.4, most: 0.6 }, fail: { least: 0.2, most: 0.8 } };
    expect(verdictOf(observed({ value: 0.39, interval: [0.35, 0.43] }), both)).toBe('warn');
    expect(verdictOf(observed({ value: 0.1, interval: [0.05, 0.15] }), both)).toBe('fail');
    // An interval around both bounds is outside neither.
    expect(verdictOf(observed({ value: 0.5, interval: [0.1, 0.9] }), both)).toBe('pass');
  });

  it('does not warn while the interval holds the value of faultless data', () => {
    const few = observed({ value: 0.7, interval: [0.4, 0.9], neutral: 0.5 });
    expect(verdictOf(few, limits)).toBe('pass');
    expect(verdictOf({ ...few, interval: [0.55, 0.8] }, limits)).toBe('warn');
  });

  it('warns of what is only beyond the bounds of failing, and never where there are none', () => {
    expect(verdictOf(observed({ value: 0.9, interval: [0.7, 1] }), { warn: null, fail: { most: 0.8 } })).toBe(
      'warn',
    );
    expect(verdictOf(observed({ value: 0.9 }), { warn: null, fail: null })).toBe('pass');
  });
});
