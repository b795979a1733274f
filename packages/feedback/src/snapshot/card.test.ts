import type { Judgement } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { datasetCard } from './card.ts';
import { snapshotFacts } from './facts.ts';

const prompt = [{ role: 'user' as const, content: 'p' }];
const judgement = (i: number, fields: object = {}): Judgement => ({
  kind: 'comparison',
  prompt,
  responses: ['x', 'yyy'],
  outcome: i % 3 === 0 ? 'tie' : 'a',
  preference: 0.5,
  criterion: 'tone',
  provenance: {
    source: 'study',
    row: i + 1,
    annotator: `person-${i % 2}`,
    annotatorKind: 'human',
    language: 'en',
    time: `2026-03-0${1 + (i % 9)}T10:00:00Z`,
    shownFirst: 0,
    segments: { task: i === 0 ? 'rare' : 'chat' },
    ...fields,
  },
});
const judgements = [
  ...Array.from({ length: 12 }, (_, i) => judgement(i)),
  { kind: 'label', prompt, response: 'x', desirable: true, provenance: { source: '<b>|`x`' } } as Judgement,
];

describe('a dataset card', () => {
  it('says what the facts say', async () => {
    const facts = await snapshotFacts(judgements);
    expect(facts).toMatchObject({
      judgements: 13,
      prompts: 1,
      kinds: { comparison: 12, label: 1 },
      outcomes: { a: 8, tie: 4 },
      annotators: 2,
      softLabels: 12,
      segments: { task: { chat: 11, rare: 1 } },
      time: { first: '2026-03-01T10:00:00.000Z', last: '2026-03-09T10:00:00.000Z' },
      responseCharacters: { mean: (12 * 4 + 1) / 25, most: 3 },
      missing: { annotator: 1, annotatorKind: 1, position: 0, time: 1, selectionProbability: 13 },
    });
    const card = datasetCard(facts, {
      name: 'Support: "answers"\n---\nlicense: mit',
      licence: 'CC-BY-4.0',
      snapshot: 'abc',
      limits: ['Only weekdays.'],
      gates: [{ name: 'agreement', passed: false, reason: 'alpha 0.2 is under 0.4' }],
    });
    expect(card.split('\n').slice(0, 7)).toEqual([
      '---',
      String.raw`pretty_name: "Support: \"answers\"\n---\nlicense: mit"`,
      'license: "cc-by-4.0"',
      'language: ["en"]',
      'size_categories: ["n<1K"]',
      'tags: ["preference", "reward-model"]',
      '---',
    ]);
    for (const line of [
      '- Snapshot: abc',
      '- Judgements: 13 on 1 prompts',
      '| comparison | 12 | 92.3% |',
      '| agreement | no | alpha 0.2 is under 0.4 |',
      '- Only weekdays.',
      '- 1 of 13 (7.7%) do not say who judged: agreement between annotators is unknown for them.',
    ])
      expect(card.split('\n')).toContain(line);
    expect(card).toContain('All 13 do not say with which probability they were chosen');
  });

  it('names no annotator, no value of a few judgements, and carries no markup from the data', async () => {
    const card = datasetCard(await snapshotFacts(judgements), { name: 'n', licence: 'x' });
    expect(card).not.toMatch(/person-|rare|<b>/);
    expect(card).toContain('| (1 others) | fewer than 5 |  |');
    const shown = datasetCard(await snapshotFacts(judgements), { name: 'n', licence: 'x', smallestCell: 1 });
    expect(shown).toContain('| \\<b\\>\\|\\`x\\` | 1 |');
  });
});
