import type { Comparison, Judgement, Ranking, Rating } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffJudgements } from './diff.ts';
import { rowId } from './manifest.ts';
import { someJudgement } from './testing.ts';

const prompt = [{ role: 'user' as const, content: 'p' }];
const provenance = { source: 's', row: 1, annotator: 'ann' };
const comparison: Comparison = {
  kind: 'comparison',
  prompt,
  responses: ['x', 'y'],
  outcome: 'a',
  provenance,
};
const counts = async (before: Judgement[], after: Judgement[]) => {
  const { added, removed, relabelled, restated, unchanged } = await diffJudgements(before, after);
  return [added.length, removed.length, relabelled.length, restated.length, unchanged];
};

describe('the difference of two snapshots', () => {
  it('tells a row that was judged anew from one that came or went', async () => {
    const other = { ...comparison, prompt: [{ role: 'user' as const, content: 'q' }] };
    const diff = await diffJudgements([comparison, other], [{ ...comparison, outcome: 'tie' }]);
    expect(diff).toMatchObject({ added: [], restated: [], unchanged: 0 });
    expect(diff.removed).toEqual([{ id: rowId(other), judgement: other }]);
    expect(diff.relabelled.map(({ before, after }) => [before.judgement, after.judgement])).toEqual([
      [comparison, { ...comparison, outcome: 'tie' }],
    ]);
  });

  it.each<[string, Judgement, Judgement]>([
    ['another row of the file', comparison, { ...comparison, provenance: { ...provenance, row: 2 } }],
    [
      'the responses the other way round',
      { ...comparison, preference: 0.9 },
      { ...comparison, responses: ['y', 'x'], outcome: 'b', preference: 1 - 0.9 },
    ],
    [
      'the ranked responses in another order',
      { kind: 'ranking', prompt, responses: ['x', 'y', 'z'], groups: [[0], [1, 2]], provenance },
      { kind: 'ranking', prompt, responses: ['z', 'y', 'x'], groups: [[2], [1, 0]], provenance } as Ranking,
    ],
  ])('takes %s for the same judgement, said again', async (_, before, after) => {
    expect(await counts([before], [after])).toEqual([0, 0, 0, 1, 0]);
  });

  it.each<[string, Judgement, Judgement]>([
    ['strength', comparison, { ...comparison, strength: 'much' }],
    ['soft label', comparison, { ...comparison, preference: 0.8 }],
    [
      'value',
      { kind: 'rating', prompt, response: 'x', value: 1, scale: { least: 1, most: 5 }, provenance },
      { kind: 'rating', prompt, response: 'x', value: 2, scale: { least: 1, most: 5 }, provenance } as Rating,
    ],
    [
      'rewrite',
      { kind: 'edit', prompt, response: 'x', rewrite: 'y', provenance },
      { kind: 'edit', prompt, response: 'x', rewrite: 'z', provenance },
    ],
  ])('takes another %s for a new label', async (_, before, after) => {
    expect(await counts([before], [after])).toEqual([0, 0, 1, 0, 0]);
  });

  it('takes another annotator or criterion for another row', async () => {
    const others = [
      { ...comparison, criterion: 'tone' },
      { ...comparison, provenance: { ...provenance, annotator: 'bob' } },
    ];
    for (const other of others) expect(await counts([comparison], [other])).toEqual([1, 1, 0, 0, 0]);
  });

  it('pairs the repeated labels of one annotator one to one', async () => {
    const row = (number: number, outcome: Comparison['outcome']): Comparison => ({
      ...comparison,
      outcome,
      provenance: { ...provenance, row: number },
    });
    const before = [row(1, 'a'), row(2, 'a'), row(3, 'b')];
    expect(await counts(before, [row(4, 'a'), row(5, 'tie')])).toEqual([0, 1, 1, 1, 0]);
    expect(await counts(before, [...before, row(4, 'a')])).toEqual([1, 0, 0, 0, 3]);
  });

  it('accounts for every row of both', async () => {
    const rows = fc.uniqueArray(someJudgement, { maxLength: 12, selector: rowId });
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.nat(12), async (one, other, shared) => {
        const before = [...one];
        const after = [
          ...new Map([...other, ...one.slice(0, shared)].map((row) => [rowId(row), row])).values(),
        ];
        const diff = await diffJudgements(before, after);
        const changed = diff.relabelled.length + diff.restated.length;
        expect(diff.unchanged + diff.removed.length + changed).toBe(before.length);
        expect(diff.unchanged + diff.added.length + changed).toBe(after.length);
      }),
    );
  });
});
