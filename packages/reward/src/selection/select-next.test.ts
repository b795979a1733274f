/** @file Selecting with saved models: a probe's own variance, an ensemble's members, and what others cannot say. */
import { writeFile } from 'node:fs/promises';
import { type Comparison, Random } from '@plaudit/contract';
import { preferenceTrees, type ResponseBelief, writeJudgements } from '@plaudit/feedback';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, workshop } from '../built/testing.ts';
import type { ScoreItem } from '../model.ts';
import { probeKind } from '../probe/kind.ts';
import { loadRewardModel } from '../run/kinds.ts';
import type { TrainingSettings } from '../run/settings.ts';
import { trainRewardModel } from '../run/train.ts';
import { modelBeliefs } from './model-beliefs.ts';
import { type SelectNextOptions, selectNext } from './select-next.ts';

const { at, build } = workshop();
const bert = new URL('../../../models/fixtures/bert', import.meta.url).pathname;

const random = new Random(1);
const text = (letters: string): string => Array.from({ length: 8 }, () => random.pick([...letters])).join('');
/** Responses of a and b beat those of c and d. */
const comparisons = Array.from(
  { length: 80 },
  (_, i): Comparison => ({
    kind: 'comparison',
    prompt: [{ role: 'user', content: text('bcdefgh') }],
    responses: [text('ab'), text('cd')],
    outcome: 'a',
    provenance: { source: 'test', row: i + 1 },
  }),
);
const items: ScoreItem[] = Array.from({ length: 12 }, () => ({
  prompt: [{ role: 'user', content: text('bcdefgh') }],
  responses: [text('ab'), text('bc'), text('cd')],
}));

const { trees } = preferenceTrees(comparisons);
const onBert: TrainingSettings = { base: bert, maxLength: 40, threads: 1, pooling: ['mean'] };
const origin = {
  createdBy: 'test',
  data: {
    sources: [],
    rows: 80,
    rejects: 0,
    split: { seed: 1, fractions: { train: 0.7, validation: 0.1, test: 0.2 } },
    pairs: { train: 60, validation: 20, test: 0 },
  },
};
const probe = (name: string, settings: TrainingSettings, seed = 1) =>
  trainRewardModel({
    data: [at('data.jsonl')],
    kind: 'probe',
    out: at(name),
    seed,
    settings: { ...onBert, ...settings },
  });

let cacheBefore: string | undefined;
beforeAll(async () => {
  cacheBefore = process.env.PLAUDIT_CACHE;
  process.env.PLAUDIT_CACHE = at('cache');
  await writeJudgements(at('data.jsonl'), comparisons);
  await probe('one', {});
  await probe('two', { l2: [1] }, 2);
  await build('ensemble', 'ensemble', { members: ['one', 'two'], combine: 'worst', normalise: 'none' });
  await trainRewardModel({ data: [at('data.jsonl')], kind: 'linear', out: at('linear'), seed: 1 });
  await writeFile(at('rows.jsonl'), items.map((item) => `${JSON.stringify(item)}\n`).join(''));
}, 120_000);
afterAll(() => {
  if (cacheBefore === undefined) delete process.env.PLAUDIT_CACHE;
  else process.env.PLAUDIT_CACHE = cacheBefore;
});

/** Mean and variance of how far one reward leads another. */
const gapOf = (
  a: ResponseBelief,
  b: ResponseBelief,
): { readonly mean: number; readonly variance: number } => ({
  mean: a.reward - b.reward,
  variance: a.vector.reduce((sum, value, j) => sum + (value - b.vector[j]!) ** 2, 0),
});

const beliefsOf = async (name: string, options = {}) => {
  const model = await loadRewardModel(at(name), options);
  try {
    return { beliefs: await modelBeliefs(model, items, {}), scores: await model.score(items) };
  } finally {
    await model.close();
  }
};

describe('what a model believes', () => {
  const both = { heads: ['a', 'b'], terms: [{ on: 'mixed', objective: 'bradley-terry' }], reward: 'mixed' };
  it.each([
    ['a linear head', {}],
    ['products with the prompt', { head: 'bilinear' }],
    ['a hidden layer', { head: 'mlp', hidden: 4, epochs: 2 }],
    ['a sum of heads', { objective: { ...both, sums: { mixed: { a: 0.7, b: -0.4 } } } }],
    [
      'a mixture that the prompt decides',
      { objective: { ...both, gate: { name: 'mixed', over: ['a', 'b'] } } },
    ],
  ] as const)('of rewards from %s has the means and variances that its scores have', async (_, settings) => {
    const { model } = await probeKind.train(
      { train: trees.slice(0, 60), validation: trees.slice(60) },
      { ...onBert, ...structuredClone(settings as TrainingSettings) },
      { seed: 1, origin, checkpoints: at('none'), resume: false },
    );
    const beliefs = await modelBeliefs(model, items, {});
    const scores = await model.score(items);
    await model.close();
    scores.flat().forEach(({ reward, uncertainty }, i) => {
      const belief = beliefs.flat()[i]!;
      expect(belief.reward).toBe(reward);
      const variance = belief.vector.reduce((sum, value) => sum + value * value, 0);
      expect(Math.sqrt(variance)).toBeCloseTo(uncertainty!, 4);
    });
  });

  it('of an ensemble is what its members say, whatever it makes of them itself', async () => {
    const mean = { combine: { combine: 'mean' } };
    const { beliefs, scores } = await beliefsOf('ensemble', mean);
    const of = async (name: string) => (await beliefsOf(name)).scores;
    const { scores: worst } = await beliefsOf('ensemble');
    expect(worst).not.toEqual(scores);
    const [one, two] = [await of('one'), await of('two')];
    expect(one).not.toEqual(two);
    beliefs.forEach(([a, b], i) => {
      const gaps = [one, two].map((member) => member[i]![0]!.reward - member[i]![1]!.reward);
      expect(gapOf(a!, b!).mean).toBeCloseTo((gaps[0]! + gaps[1]!) / 2, 4);
      expect(gapOf(a!, b!).variance).toBeCloseTo(((gaps[0]! - gaps[1]!) / 2) ** 2, 4);
    });
  });

  it('of any other model is its rewards, as if they were known', async () => {
    const { beliefs, scores } = await beliefsOf('linear');
    expect(beliefs.flat().map(({ reward }) => reward)).toEqual(scores.flat().map(({ reward }) => reward));
    for (const { vector } of beliefs.flat()) expect(vector).toHaveLength(0);
  });
});

const select = (model: string, options: Partial<SelectNextOptions> = {}, input = 'rows.jsonl') =>
  selectNext(at(model), at(input), { rule: 'd-optimal', count: 8, seed: 1, ...options });

describe('selecting from a file', () => {
  it.each(['one', 'ensemble'])('gives the texts of pairs with their probabilities: %s', async (model) => {
    const { items: selected, pool, warnings } = await select(model);
    expect(pool).toEqual({ prompts: 12, groups: 12, pairs: 36 });
    expect(selected).toHaveLength(8);
    expect(warnings).toEqual([]);
    for (const { row, pair, prompt, responses, selectionProbability, id } of selected) {
      expect(prompt).toEqual(items[row - 1]!.prompt);
      expect(responses).toEqual(pair.map((i) => items[row - 1]!.responses[i]));
      expect(selectionProbability).toBeGreaterThan(0);
      expect(id).toMatch(/^[0-9a-f]{16}$/);
    }
    expect((await select(model)).items).toEqual(selected);
  });

  it('asks nothing about one response, or twice the same one, and says so', async () => {
    const rows = [
      { prompt: 'one', responses: ['only'] },
      { prompt: 'two of the same', responses: ['same', 'same'] },
      { prompt: 'something else altogether', responses: ['same', 'same', 'other'] },
    ];
    await writeFile(at('few.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { items: selected, withoutPair, warnings } = await select('one', { count: 2 }, 'few.jsonl');
    expect(withoutPair).toBe(2);
    expect(selected).toMatchObject([{ row: 3, pair: [0, 2], responses: ['same', 'other'] }]);
    expect(warnings).toEqual([
      expect.stringContaining('Only 1 of 2 pairs'),
      expect.stringContaining('2 rows have no two different responses'),
    ]);
    await writeFile(at('none.jsonl'), `${JSON.stringify(rows[0])}\n`);
    expect(await failure(select('one', {}, 'none.jsonl'))).toMatchObject({
      code: 'selection.nothing_to_select',
    });
  });

  it('by rules that need no uncertainty works with any model, by others not', async () => {
    expect((await select('linear', { rule: 'entropy' })).items).toHaveLength(8);
    expect((await select('linear', { rule: 'random' })).items.every(({ control }) => control)).toBe(true);
    const refused = await failure(select('linear', { rule: 'bald' }));
    expect(refused).toMatchObject({ code: 'selection.uncertainty_unknown', parameters: { kind: 'linear' } });
  });
});
