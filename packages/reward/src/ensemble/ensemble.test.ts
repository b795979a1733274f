/** @file Ensembles: how members become one reward, how far they disagree, and the mean of their weights. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { simulate, writeJudgements } from '@plaudit/feedback';
import { readPeftAdapter } from '@plaudit/models';
import { beforeAll, describe, expect, it } from 'vitest';
import { failure, item, rewards, sole, workshop } from '../built/testing.ts';
import type { ModelCard } from '../model.ts';
import { evaluateRewardModel } from '../run/evaluate.ts';
import { trainEnsemble } from '../run/members.ts';
import { trainRewardModel } from '../run/train.ts';
import { together } from './combine.ts';

const { at, build, score } = workshop();
const card = (name: string): ModelCard =>
  JSON.parse(readFileSync(at(`${name}/plaudit.json`), 'utf8')) as ModelCard;

const data = (): string[] => [at('preferences.jsonl')];
const linear = (name: string, seed: number) =>
  trainRewardModel({ data: data(), kind: 'linear', out: at(name), seed, settings: { l2: [100] } });
const program = (name: string, pattern: string) =>
  build('program', name, { rules: [{ name: pattern, type: 'pattern', pattern, measure: 'count' }] });

beforeAll(async () => {
  await writeJudgements(
    at('preferences.jsonl'),
    simulate({
      prompts: 80,
      responsesPerPrompt: 4,
      comparisons: 600,
      seed: 1,
      annotators: { count: 6, noise: 0.3 },
    }).comparisons,
  );
  await linear('one', 1);
  await linear('two', 2);
  await linear('three', 3);
  await program('as', 'a');
  await program('bs', 'b');
}, 120_000);

const items = [
  item('My watch is dead.', 'Try another socket, and call us if that fails.', 'Too bad.'),
  item('Where is my parcel?', 'It left our warehouse this morning.', 'No idea.'),
];

describe('members', () => {
  it('become their mean, their worst, or their mean less lambda times their variance', () => {
    const reward = (combine: 'mean' | 'worst' | 'mean-minus-variance', lambda = 0.5) =>
      together({ combine, lambda }, ['x', 'y', 'z'], [1, 2, 6]);
    // By hand: mean 3, variance (4 + 1 + 9) / 3.
    expect(reward('mean').reward).toBe(3);
    expect(reward('worst').reward).toBe(1);
    expect(reward('mean-minus-variance').reward).toBeCloseTo(3 - (0.5 * 14) / 3, 12);
    expect(reward('mean').uncertainty).toBeCloseTo(Math.sqrt(14 / 3), 12);
    for (const combine of ['mean', 'worst', 'mean-minus-variance'] as const) {
      const { parts, reward: whole } = reward(combine);
      expect(parts.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(whole, 12);
    }
  });
});

describe('an ensemble', () => {
  it('of one kind takes rewards as they are, and knows how uncertain it is', async () => {
    await build('ensemble', 'mean', { members: ['one', 'two', 'three'] });
    const members = [];
    for (const name of ['one', 'two', 'three']) members.push(rewards(await score(name, items)));
    for (const [i, row] of (await score('mean', items)).entries())
      for (const [k, { reward, uncertainty, perObjective }] of row.entries()) {
        const values = members.map((one) => one[i]![k]!);
        const mean = values.reduce((sum, value) => sum + value) / 3;
        expect(reward).toBeCloseTo(mean, 10);
        expect(perObjective).toEqual({ preference: reward });
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3;
        expect(uncertainty).toBeCloseTo(Math.sqrt(variance), 10);
      }
  });

  it('of a model with itself is that model, and sure', async () => {
    await build('ensemble', 'same', { members: ['one', 'one'], combine: 'worst' });
    const found = await score('same', items);
    expect(rewards(found)).toEqual(rewards(await score('one', items)));
    expect(found[0]![0]!.uncertainty).toBe(0);
  });

  it('of different kinds measures each in its own standard deviations', async () => {
    const error = await failure(build('ensemble', 'mixed', { members: ['one', 'as'] }));
    expect(error).toMatchObject({ code: 'reward.bad_specification', parameters: { field: 'members.1' } });
    await build('ensemble', 'mixed', { members: ['one', 'as'] }, { data: data() });
    const [first, second] = card('mixed').configuration.members as { normaliser: object }[];
    expect(first!.normaliser).toEqual(card('one').normaliser);
    expect(second!.normaliser).not.toBeNull();
    expect(card('mixed').objectives).toEqual(['ensemble']);
  });

  it('of programs needs no data where their rewards are taken as they are', async () => {
    await build('ensemble', 'letters', { members: ['as', 'bs'], combine: 'worst', embed: true });
    expect(rewards(await score('letters', [item('?', 'aab', 'abbb')]))).toEqual([[1, 1]]);
  });

  it('needs at least two members, and names a combination that is not there', async () => {
    const field = async (specification: object) =>
      (await failure(build('ensemble', 'wrong', specification))).parameters.field;
    expect(await field({ members: ['one'] })).toBe('members');
    expect(await field({ members: ['one', 'two'], combine: 'median' })).toBe('combine');
  });
});

describe('the mean of the weights', () => {
  it('of linear models rewards as the mean of their rewards does', async () => {
    const { kind } = await build('ensemble', 'averaged', { members: ['one', 'two'] }, { average: true });
    expect(kind).toBe('linear');
    await build('ensemble', 'together', { members: ['one', 'two'] });
    const [averaged, mean] = [await score('averaged', items), await score('together', items)];
    for (const [i, row] of rewards(averaged).entries())
      for (const [k, reward] of row.entries()) expect(reward).toBeCloseTo(mean[i]![k]!.reward, 5);
    expect(card('averaged').lineage.parts).toHaveLength(2);
  });

  it('is refused for models without weights, and for those of different kinds', async () => {
    const average = (members: string[]) =>
      failure(build('ensemble', 'refused', { members }, { average: true }));
    expect((await average(['as', 'bs'])).code).toBe('reward.not_averaged');
    expect((await average(['one', 'as'])).code).toBe('reward.not_averaged');
  });

  it('warns when it is measured on what its members were trained on', async () => {
    const { warnings } = await evaluateRewardModel(at('averaged'), { data: data() });
    expect(warnings.join()).toContain('was trained on part of preferences.jsonl');
  });
});

describe('the mean of adapters', () => {
  const base = new URL('../../../models/fixtures/llama', import.meta.url).pathname;
  const train = (name: string, seed: number, rank: number) =>
    trainRewardModel({
      data: data(),
      kind: 'transformer',
      out: at(name),
      seed,
      limitPairs: 60,
      settings: { base, rank, alpha: 8, epochs: 1, learningRate: 0.01, maxLength: 32, threads: 1 },
    });

  beforeAll(async () => {
    process.env.PLAUDIT_CACHE = at('cache');
    await train('adapter-1', 1, 2);
    await train('adapter-2', 2, 4);
  }, 300_000);

  /** B A alpha / rank of each adapted layer. */
  const updates = async (name: string) => {
    const { values, lora } = await readPeftAdapter(at(name));
    const found = new Map<string, Float64Array>();
    for (const [key, a] of values) {
      if (!key.endsWith('.lora_A.weight')) continue;
      const b = values.get(key.replace('lora_A', 'lora_B'))!;
      const [rank, input] = a.shape as [number, number];
      const output = b.shape[0]!;
      const update = new Float64Array(output * input);
      for (let i = 0; i < output; i++)
        for (let j = 0; j < input; j++)
          for (let r = 0; r < rank; r++)
            update[i * input + j]! +=
              (b.data[i * rank + r]! * a.data[r * input + j]! * lora.alpha) / lora.rank;
      found.set(key, update);
    }
    return found;
  };

  it('has the mean of their updates, exactly, whatever their ranks', async () => {
    await build('ensemble', 'warm', { members: ['adapter-1', 'adapter-2'], combine: 'weights' });
    const [one, two, mean] = [await updates('adapter-1'), await updates('adapter-2'), await updates('warm')];
    let largest = 0;
    for (const [key, update] of mean)
      for (const [i, value] of update.entries()) {
        expect(value).toBeCloseTo((one.get(key)![i]! + two.get(key)![i]!) / 2, 6);
        largest = Math.max(largest, Math.abs(value));
      }
    expect(largest).toBeGreaterThan(1e-4);
    expect(await score('warm', items)).toHaveLength(2);
  });

  it('of an adapter with itself rewards as it does', async () => {
    cpSync(at('adapter-1'), at('adapter-copy'), { recursive: true });
    await build('ensemble', 'itself', { members: ['adapter-1', 'adapter-copy'], combine: 'weights' });
    const [mean, one] = [rewards(await score('itself', items)), rewards(await score('adapter-1', items))];
    for (const [i, row] of mean.entries())
      for (const [k, reward] of row.entries()) expect(reward).toBeCloseTo(one[i]![k]!, 4);
  });
});

describe('training members', () => {
  it('gives them one split and seeds of their own, and measures them together on what none of them saw', async () => {
    const document = await trainEnsemble({
      data: data(),
      kind: 'linear',
      out: at('trained'),
      seed: 7,
      members: 3,
      limitPairs: 150,
      settings: { l2: [100] },
    });
    expect(document.members.map(({ seed }) => seed)).toEqual([7, 8, 9]);
    const sides = [1, 2, 3].map((i) => card(`trained/members/${i}`).data.split);
    expect(new Set(sides.map((split) => JSON.stringify(split))).size).toBe(1);
    expect(document.warnings.join()).not.toContain('trained on');
    const again = await evaluateRewardModel(at('trained'), { data: data(), split: 'test' });
    expect(again.accuracy).toBe(document.test!.accuracy);
    expect(sole(await score('trained', items)).uncertainty).toBeGreaterThan(0);
  });

  it('goes on with the members that are whole, and ends with the same weights', async () => {
    const run = { data: data(), kind: 'linear', seed: 7, members: 3, settings: { l2: [100] } };
    await trainEnsemble({ ...run, out: at('whole') });
    const stop = new AbortController();
    const error = await failure(
      trainEnsemble({
        ...{ ...run, out: at('halfway'), signal: stop.signal },
        onProgress: ({ phase }) => {
          if (phase.startsWith('2/3')) stop.abort();
        },
      }),
    );
    expect(error).toMatchObject({ code: 'cli.interrupted' });
    expect(error.cure).toContain(`${at('halfway')}.partial`);
    const phases = new Set<string>();
    await trainEnsemble({
      ...{ ...run, out: at('halfway'), resume: true },
      onProgress: ({ phase }) => {
        phases.add(phase.slice(0, 3));
      },
    });
    expect([...phases].filter((phase) => phase.endsWith('/3'))).toEqual(['2/3', '3/3']);
    for (const member of [1, 2, 3]) {
      const weights = (name: string) => readFileSync(at(`${name}/members/${member}/model.safetensors`));
      expect(weights('halfway').equals(weights('whole'))).toBe(true);
    }
    expect(existsSync(at('halfway/checkpoints'))).toBe(false);
    const other = failure(trainEnsemble({ ...run, seed: 8, out: at('halfway') }));
    expect((await other).code).toBe('output.would_replace');
  });

  it('leaves nothing behind of a run that could not begin', async () => {
    const error = await failure(
      trainEnsemble({ data: data(), kind: 'linear', out: at('none'), members: 2, limitPairs: 1 }),
    );
    expect(error.code).toBe('reward.too_few_pairs');
    expect(existsSync(at('none.partial'))).toBe(false);
  });
});
