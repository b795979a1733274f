import type { Comparison } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { bradleyTerryAbilities } from './bradley-terry.ts';
import { contestsOfRows, segmentsOfSystems, systemsBy } from './systems-of.ts';

const comparison = (segments: Record<string, string>): Comparison => ({
  kind: 'comparison',
  prompt: [{ role: 'user', content: 'p' }],
  responses: ['x', 'y'],
  outcome: 'a',
  provenance: { source: 'test', segments },
});

describe('the systems of a comparison', () => {
  it('are named by two segments, or by one that holds both', () => {
    expect(systemsBy(['model_a', 'model_b'])(comparison({ model_a: 'm', model_b: 'n' }))).toEqual(['m', 'n']);
    const both = systemsBy(['models']);
    expect(both(comparison({ models: 'bloom-7b_llama-7b' }))).toEqual(['bloom-7b', 'llama-7b']);
    expect(both(comparison({ models: 'gpt_4_vs_opt_7b' }))).toEqual(['gpt_4', 'opt_7b']);
  });

  it('are not known where a name is missing or nobody can say where one ends', () => {
    expect(systemsBy(['model_a', 'model_b'])(comparison({ model_a: 'm' }))).toBeUndefined();
    for (const models of ['a_b_c', 'alone', '_b', ''])
      expect(systemsBy(['models'])(comparison({ models }))).toBeUndefined();
  });

  it('are found in the segments that readers write, and refused where there are none', () => {
    expect(segmentsOfSystems([comparison({ turn: '1', generator_1: 'a', generator_2: 'b' })])).toEqual([
      'generator_1',
      'generator_2',
    ]);
    expect(() => segmentsOfSystems([comparison({ topic: 'x' })])).toThrow(/known to name systems/);
    expect(() => systemsBy([])).toThrow(/two segments/);
    expect(() => systemsBy(['a', 'b', 'c'])).toThrow(/two segments/);
  });
});

describe('contests of a table', () => {
  const row = {
    row: 1,
    first: 'a',
    second: 'b',
    firstWins: 3,
    secondWins: 1,
    ties: 2,
    home: 'second',
  } as const;

  it('keep their place, and take columns as covariates and clusters', () => {
    const [contest] = contestsOfRows([{ ...row, context: { lead: '0.5', judge: 'j1' } }], {
      covariates: ['lead'],
      cluster: 'judge',
    });
    expect(contest).toEqual({
      ...{ a: 'a', b: 'b', aWins: 3, bWins: 1, ties: 2 },
      home: 'b',
      covariates: { lead: 0.5 },
      cluster: 'j1',
    });
  });

  it('lack a covariate that is no number, and say so when it is asked for', () => {
    for (const context of [{}, { lead: '' }, { lead: 'much' }] as Record<string, string>[])
      expect(() =>
        bradleyTerryAbilities(contestsOfRows([{ ...row, context }], { covariates: ['lead'] }), {
          covariates: ['lead'],
        }),
      ).toThrow(/finite number/);
  });
});
