import type { Comparison, Judgement, Prompt, Provenance } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { valuesOfJudgements } from './criterion-values.ts';
import { measureAgreement } from './measure-agreement.ts';

const promptOf = (text: string): Prompt => [{ role: 'user', content: text }];
const by = (annotator: string, rest: Partial<Provenance> = {}): Provenance => ({
  source: 'test',
  annotator,
  ...rest,
});

const compare = (
  prompt: string,
  annotator: string,
  outcome: Comparison['outcome'],
  rest: Partial<Comparison> = {},
): Comparison => ({
  kind: 'comparison',
  prompt: promptOf(prompt),
  responses: ['apple', 'pear'],
  outcome,
  provenance: by(annotator),
  ...rest,
});

describe('judgements as tables of values', () => {
  it('turn a comparison so that the order of its responses does not matter', () => {
    const { tables } = valuesOfJudgements([
      compare('p', 'ann', 'a'),
      compare('p', 'bob', 'b', { responses: ['pear', 'apple'] }),
      compare('p', 'cy', 'a', { responses: ['pear', 'apple'] }),
    ]);
    expect(tables).toHaveLength(1);
    expect(new Set(tables[0]!.values.map(({ unit }) => unit)).size).toBe(1);
    expect(tables[0]!.values.map(({ value }) => value)).toEqual(['a', 'a', 'b']);
  });

  it('keep criteria, kinds and scales of ratings apart', () => {
    const rating = (criterion: string, most: number): Judgement => ({
      kind: 'rating',
      prompt: promptOf('p'),
      response: 'apple',
      criterion,
      value: 3,
      scale: { least: 1, most },
      provenance: by('ann'),
    });
    const { tables } = valuesOfJudgements([
      rating('clear', 5),
      rating('true', 5),
      rating('true', 7),
      compare('p', 'ann', 'a', { criterion: 'true' }),
    ]);
    expect(tables.map(({ kind, criterion, scale }) => [kind, criterion, scale?.most])).toEqual([
      ['rating', 'clear', 5],
      ['rating', 'true', 5],
      ['rating', 'true', 7],
      ['comparison', 'true', undefined],
    ]);
  });

  it('say how strong a preference is, turned like its side', () => {
    const { tables } = valuesOfJudgements([
      compare('p', 'ann', 'a', { strength: 'much' }),
      compare('p', 'bob', 'a', { strength: 'slightly', responses: ['pear', 'apple'] }),
      compare('p', 'cy', 'tie'),
      compare('p', 'di', 'both_bad'),
    ]);
    const strengths = tables.find(({ kind }) => kind === 'strength')!;
    expect(strengths.measurement).toBe('ordinal');
    expect(strengths.values.map(({ value }) => value)).toEqual([3, -1, 0]);
    expect(valuesOfJudgements([compare('p', 'cy', 'tie')]).tables.map(({ kind }) => kind)).toEqual([
      'comparison',
    ]);
  });

  it('take a ranking as its pairs, those of an unordered rest and a far too long list counted apart', () => {
    const ranking = (count: number, groups: number[][], restUnordered = false): Judgement => ({
      kind: 'ranking',
      prompt: promptOf('p'),
      responses: Array.from({ length: count }, (_, i) => `response ${String(i).padStart(3, '0')}`),
      groups,
      restUnordered,
      provenance: by('ann'),
    });
    const ranked = valuesOfJudgements([ranking(4, [[2], [0, 3], [1]])]);
    expect(ranked.tables[0]!.values.map(({ value }) => value)).toEqual(['a', 'b', 'tie', 'b', 'b', 'a']);
    const best = valuesOfJudgements([ranking(4, [[2], [0, 1, 3]], true)]);
    expect(best.tables[0]!.values).toHaveLength(3);
    expect(best.setAside).toEqual({ 'unordered rest of a ranking': 3 });
    const long = valuesOfJudgements([
      ranking(
        200,
        Array.from({ length: 200 }, (_, i) => [i]),
      ),
    ]);
    expect(long.tables[0]!.values.length + long.setAside['ranked pairs beyond reach']!).toBe(19_900);
  });

  it('count what nobody can be held to', () => {
    const { tables, setAside } = valuesOfJudgements([
      compare('p', 'ann', 'a', { provenance: { source: 'test' } }),
      compare('p', 'ann', 'a', { responses: ['same', 'same'] }),
      {
        kind: 'edit',
        prompt: promptOf('p'),
        response: 'apple',
        rewrite: 'pear',
        provenance: { source: 'test' },
      },
    ]);
    expect(tables).toEqual([]);
    expect(setAside).toEqual({ 'without annotator': 1, 'same response twice': 1, edit: 1 });
  });

  it('hold steps against the same step of the same response', () => {
    const steps = (annotator: string, labels: (boolean | null)[]): Judgement => ({
      kind: 'steps',
      prompt: promptOf('p'),
      steps: ['one', 'two', 'three'],
      separator: '\n',
      labels,
      provenance: by(annotator),
    });
    const { tables } = valuesOfJudgements([
      steps('ann', [true, false, null]),
      steps('bob', [true, true, false]),
    ]);
    expect(tables[0]!.values.map(({ value }) => value)).toEqual([
      'right',
      'wrong',
      'right',
      'right',
      'wrong',
    ]);
    expect(new Set(tables[0]!.values.map(({ unit }) => unit)).size).toBe(3);
  });
});

describe('a report of agreement', () => {
  const judgements = Array.from({ length: 40 }, (_, i) =>
    ['ann', 'bob', 'cy'].map((annotator, k): Judgement => {
      const swap = (i + k) % 2 === 1;
      const better = i % 2 === 0 ? 'apple' : 'pear';
      const said = (i * 7 + k * 3) % 5 === 0 ? (better === 'apple' ? 'pear' : 'apple') : better;
      const responses: [string, string] = swap ? ['pear', 'apple'] : ['apple', 'pear'];
      return {
        ...compare(`prompt ${i}`, annotator, i === 7 && k === 0 ? 'tie' : responses[0] === said ? 'a' : 'b'),
        responses,
        provenance: by(annotator, { language: i < 30 ? 'en' : 'de', segments: { user: String(i) } }),
      };
    }),
  ).flat();

  it('holds every measure with its interval, by criterion and by segment', () => {
    const { criteria, setAside } = measureAgreement(judgements, { resamples: 200 });
    expect(setAside).toEqual({});
    expect(criteria).toHaveLength(1);
    const [all] = criteria;
    expect(all).toMatchObject({
      kind: 'comparison',
      units: 40,
      unitsJudgedTwice: 40,
      annotators: 3,
      values: 120,
    });
    for (const { value, interval } of [all!.alpha, all!.pairAgreement, all!.fleissKappa!]) {
      expect(interval![0]).toBeLessThan(value!);
      expect(interval![1]).toBeGreaterThan(value!);
    }
    expect(all!.decided!.attainable!.annotatorAccuracy).toBeGreaterThan(all!.decided!.pairAgreement.value!);
    expect(all!.segments.map(({ name, value, units }) => [name, value, units])).toEqual([
      ['language', 'en', 30],
      ['language', 'de', 10],
    ]);
    expect(all!.smallSegments).toBe(40);
  });

  it('is a plain document, the same for the same seed', () => {
    const report = measureAgreement(judgements, { resamples: 50, seed: 4 });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(measureAgreement(judgements, { resamples: 50, seed: 4 })).toEqual(report);
  });

  it('does not depend on the order in which responses are named', () => {
    const turned = judgements.map((one): Judgement => {
      if (one.kind !== 'comparison') return one;
      const outcome = one.outcome === 'a' ? 'b' : one.outcome === 'b' ? 'a' : one.outcome;
      return { ...one, responses: [one.responses[1], one.responses[0]], outcome };
    });
    expect(measureAgreement(turned, { resamples: 20 })).toEqual(
      measureAgreement(judgements, { resamples: 20 }),
    );
  });
});
