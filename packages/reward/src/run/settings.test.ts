/** @file Settings are checked before work starts, and each fault is named by its field. */
import { describe, expect, it } from 'vitest';
import { parseSettings, requireSettingsOf, runSettings, trainingSettings } from './settings.ts';

const refused = (schema: Parameters<typeof parseSettings>[0], given: unknown): unknown => {
  try {
    parseSettings(schema, given);
  } catch (error) {
    return (error as { parameters: { setting: unknown } }).parameters.setting;
  }
  return undefined;
};

describe('the settings of a run', () => {
  it.each([
    ['rank', { rank: 0 }],
    ['rank', { rank: 1.5 }],
    ['learningRate', { learningRate: Number.NaN }],
    ['labelSmoothing', { labelSmoothing: 0.5 }],
    ['l2.1', { l2: [1, -1] }],
    ['targets', { targets: [] }],
    ['lerningRate', { lerningRate: 1e-4 }],
  ])('name %s where %o is wrong', (setting, given) => {
    expect(refused(trainingSettings, given)).toBe(setting);
  });

  it('leave something to train on', () => {
    const run = { data: ['x'], format: 'auto', kind: 'linear', out: 'o', seed: 1 };
    expect(refused(runSettings, { ...run, fractions: { validation: 0.5, test: 0.5 } })).toBe(
      'fractions.test',
    );
    expect(refused(runSettings, { ...run, fractions: { validation: 0.1, test: 0 } })).toBe('fractions.test');
    expect(refused(runSettings, { ...run, fractions: { validation: 0.1, test: 0.2 } })).toBeUndefined();
  });

  it('that a kind has no use for are refused, and so is the lack of what it needs', () => {
    const kind = { kind: 'transformer', settings: ['base', 'rank'], needs: ['base'] } as const;
    expect(() => requireSettingsOf(kind, { base: 'new', l2: [1] })).toThrow('do not use it');
    expect(() => requireSettingsOf(kind, { rank: 4 })).toThrow('cannot do without it');
    expect(() => requireSettingsOf(kind, { base: 'new', rank: 4 })).not.toThrow();
  });
});
