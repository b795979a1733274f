import type { Comparison, Judgement } from '@plaudit/contract';
import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { bradleyTerryAbilities } from '../abilities/bradley-terry.ts';
import { annotatorModels, studyAnnotators } from './annotator-study.ts';
import { renderAnnotatorReport, worstSegments } from './render-annotators.ts';
import { renderSystemsReport } from './render-systems.ts';

const hostile = '<script>alert("x")</script> & \u0000\ud800 "quoted"';

/** Pairs whose better response is known, judged by able people and by one who always takes what is shown first. */
const crowd = (pairs: number, extra: (pair: number) => Partial<Comparison['provenance']> = () => ({})) => {
  const random = new Random(3, 'study');
  return Array.from({ length: pairs }, (_, i) => {
    const better = `${random.integer(1e6)} is right`;
    const worse = `${random.integer(1e6)} is wrong`;
    return ['ann', 'bob', 'cy', 'dee', 'eve', 'spam'].map((annotator): Comparison => {
      const shownFirst = random.uniform() < 0.5 ? 0 : 1;
      const first = annotator === 'spam' ? shownFirst === 0 : random.uniform() < 0.85;
      return {
        kind: 'comparison',
        prompt: [{ role: 'user', content: `prompt ${i}` }],
        responses: [better, worse],
        outcome: first ? 'a' : 'b',
        provenance: {
          source: 'test',
          annotator,
          shownFirst,
          seconds: annotator === 'spam' ? 1 : 15 + 10 * random.uniform(),
          segments: { topic: i % 2 === 0 ? 'even' : 'odd' },
          ...extra(i),
        },
      };
    });
  }).flat();
};

const judgements = crowd(80);
const gold = judgements
  .filter(({ provenance }) => provenance.annotator === 'ann')
  .slice(0, 60)
  .map((one): Comparison => ({ ...one, outcome: 'a', provenance: { source: 'experts' } }));

/** Every element is closed, ids are unique, nothing is loaded and no number is broken. */
const expectPage = (page: string): void => {
  const open: string[] = [];
  const empty = new Set(['meta', 'rect', 'line', 'circle', 'polyline']);
  for (const [, close, name, self] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/gi)) {
    if (close) expect(open.pop()).toBe(name);
    else if (!self && !empty.has(name!)) open.push(name!);
  }
  expect(open).toEqual([]);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(page).not.toMatch(/NaN|undefined|Infinity|<script|(?:src|href)="(?!#)/i);
  expect(page.isWellFormed()).toBe(true);
};

describe('a study of annotators', () => {
  it.each(annotatorModels)('finds by %s that the one who clicks by side is the least able', (model) => {
    const { study, soft } = studyAnnotators(judgements, { model, resamples: 20 });
    expect(study.models).toHaveLength(1);
    expect(study.models[0]!.annotators[0]!.annotator).toBe('spam');
    const { comparisons, untouched } = soft();
    expect(untouched).toEqual([]);
    expect(comparisons).toHaveLength(80);
    const mean = comparisons.reduce((sum, { preference }) => sum + preference!, 0) / 80;
    expect(mean).toBeGreaterThan(0.75);
  });

  it('puts who should be looked at first, with the items whose answers are known', () => {
    const { study } = studyAnnotators(judgements, { gold, attention: gold, resamples: 20 });
    expect(study.gold).toEqual({ items: 60, contradictory: 0 });
    const [first, ...others] = study.annotators;
    expect(first).toMatchObject({ annotator: 'spam', pause: true });
    expect(first!.concerns.map(({ concern }) => concern)).toEqual(
      expect.arrayContaining(['attention', 'hasty', 'side bias', 'straight-lining']),
    );
    expect(others.every(({ speed }) => speed?.hasty === false)).toBe(true);
    expect(study.pairs[0]!.pairs).toBe(15);
    expect(
      worstSegments(study, 5)
        .map(({ value }) => value)
        .sort(),
    ).toEqual(['even', 'odd']);
    expect(JSON.parse(JSON.stringify(study))).toEqual(study);
  });

  it('follows the times at which judgements were given, not the order of the file', () => {
    const timed = crowd(80, (i) => ({ time: new Date(1e12 + 1000 * i).toISOString() }));
    const shuffled = [...new Random(1).permutation(timed.length)].map((i) => timed[i]!);
    // Of one pair all answer at one time, and each only once: the order within it changes nobody's run.
    const runs = (all: readonly Judgement[]) =>
      Object.fromEntries(
        studyAnnotators(all, { resamples: 1 }).study.annotators.map(({ annotator, run }) => [annotator, run]),
      );
    expect(runs(shuffled)).toEqual(runs(timed));
  });

  it('makes soft labels of every criterion, whether or not anybody said tie there', () => {
    const tied = judgements.map(
      (one, i): Comparison => ({ ...one, criterion: 'tone', outcome: i % 3 === 0 ? 'tie' : one.outcome }),
    );
    const nameless: Comparison = { ...judgements[0]!, responses: ['x', 'y'], provenance: { source: 'test' } };
    const { soft, study } = studyAnnotators([...judgements, ...tied, nameless], { resamples: 1 });
    expect(study.models.map(({ criterion }) => criterion)).toEqual([undefined, 'tone']);
    const { comparisons, untouched } = soft();
    expect(comparisons.map(({ criterion }) => criterion ?? 'overall').sort()[80]).toBe('tone');
    expect(comparisons).toHaveLength(160);
    expect(untouched).toEqual([nameless]);
  });

  it('is a page, with names that try to be markup, and of nothing at all', () => {
    const named = judgements.map(
      (one): Comparison => ({
        ...one,
        criterion: hostile,
        provenance: {
          ...one.provenance,
          annotator: hostile + one.provenance.annotator,
          segments: { [hostile]: hostile },
        },
      }),
    );
    const page = renderAnnotatorReport(studyAnnotators(named, { gold, resamples: 20 }).study, {
      title: hostile,
    });
    expectPage(page);
    expect(page).toContain('&lt;script&gt;');
    expectPage(renderAnnotatorReport(studyAnnotators(judgements, { gold, resamples: 20 }).study));
    expectPage(renderAnnotatorReport(studyAnnotators([]).study));
  });
});

describe('the page of abilities', () => {
  it('shows every system with its interval, and what the place adds', () => {
    const abilities = bradleyTerryAbilities(
      [
        { a: hostile, b: 'two', aWins: 8, bWins: 4, ties: 1, home: 'a' },
        { a: 'two', b: 'three', aWins: 7, bWins: 5, ties: 2, home: 'a' },
        { a: 'three', b: hostile, aWins: 6, bWins: 6, ties: 1, home: 'b' },
        { a: 'two', b: hostile, aWins: 6, bWins: 6, ties: 1, home: 'a' },
      ],
      { home: true, ties: 'davidson' },
    );
    const page = renderSystemsReport(abilities, { ties: 'davidson', reference: 'two' });
    expectPage(page);
    for (const text of ['3 systems', 'place', 'tie']) expect(page).toContain(text);
    expect(page.match(/<circle/g)).toHaveLength(3);
  });
});
