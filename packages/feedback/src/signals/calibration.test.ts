import { type Comparison, type Judgement, Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { calibrateSignals, type RuledJudgement } from './calibration.ts';

const provenance = { source: 's' };
const prompt = (i: number) => [{ role: 'user' as const, content: `p${i}` }];
const comparison = (i: number, outcome: Comparison['outcome'], swapped = false): Comparison => ({
  kind: 'comparison',
  prompt: prompt(i),
  responses: swapped ? ['y', 'x'] : ['x', 'y'],
  outcome,
  provenance,
});
const label = (i: number, response: string, desirable: boolean): Judgement => ({
  kind: 'label',
  prompt: prompt(i),
  response,
  desirable,
  provenance,
});
const of = (rule: string, ...judgements: Judgement[]): RuledJudgement[] =>
  judgements.map((judgement) => ({ rule, judgement }));

describe('the calibration of rules', () => {
  it('counts each pair once, in either order, by what most say of it', () => {
    const [kept] = calibrateSignals(
      of(
        'kept',
        comparison(1, 'b'),
        comparison(2, 'a', true),
        comparison(3, 'a'),
        comparison(3, 'a'),
        comparison(3, 'b'),
        comparison(4, 'a'),
        comparison(4, 'b'),
        comparison(5, 'a'),
        comparison(99, 'a'),
      ),
      [comparison(1, 'b'), comparison(2, 'b'), comparison(3, 'b'), comparison(4, 'a'), comparison(5, 'tie')],
    );
    expect(kept).toMatchObject({ rule: 'kept', pairs: 3, agreed: 2, undecided: 2 });
  });

  it('holds labels and edits against comparisons of the same responses', () => {
    const found = calibrateSignals(
      [
        ...of('thumb', label(1, 'x', true), label(1, 'y', false), label(2, 'x', true), label(2, 'y', true)),
        ...of('edited', { kind: 'edit', prompt: prompt(1), response: 'x', rewrite: 'y', provenance }),
      ],
      [comparison(1, 'a'), comparison(2, 'a')],
    );
    expect(found.map(({ rule, pairs, agreed }) => [rule, pairs, agreed])).toEqual([
      ['edited', 1, 0],
      ['thumb', 1, 1],
    ]);
  });

  it("has Wilson's interval: 80 of 100 is 0.7112 to 0.8666", () => {
    const explicit = Array.from({ length: 100 }, (_, i) => comparison(i, 'a'));
    const implicit = explicit.map((_, i) => comparison(i, i < 80 ? 'a' : 'b'));
    const [found] = calibrateSignals(of('r', ...implicit), explicit);
    expect(found!.agreement).toBe(0.8);
    // Newcombe 1998, table I, method 3 gives 0.7112 to 0.8666 for 80 of 100.
    expect(found!.interval[0]).toBeCloseTo(0.7112, 4);
    expect(found!.interval[1]).toBeCloseTo(0.8666, 4);
    expect(found!.weight).toBeCloseTo(2 * 0.7112 - 1, 3);
  });

  it('gives a coin no weight, and a rule without pairs none', () => {
    const random = new Random(1);
    const explicit = Array.from({ length: 400 }, (_, i) => comparison(i, random.uniform() < 0.5 ? 'a' : 'b'));
    const coin = explicit.map((_, i) => comparison(i, random.uniform() < 0.5 ? 'a' : 'b'));
    const good = explicit.map(({ outcome }, i) =>
      comparison(i, random.uniform() < 0.85 ? outcome : outcome === 'a' ? 'b' : 'a'),
    );
    const found = calibrateSignals(
      [...of('coin', ...coin), ...of('good', ...good), ...of('unseen', comparison(999, 'a'))],
      explicit,
    );
    expect(found.map(({ rule, weight }) => [rule, weight > 0])).toEqual([
      ['coin', false],
      ['good', true],
      ['unseen', false],
    ]);
    expect(found[1]!.interval[0]).toBeLessThan(0.85);
    expect(found[1]!.interval[1]).toBeGreaterThan(0.85);
  });
});
