/** @file Probes end to end on tiny checkpoints: features, cache, training, saving, loading, refits, failing. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScoreItem } from '../model.ts';
import { loadRewardModel, type TrainedModel } from '../run/kinds.ts';
import type { TrainingSettings } from '../run/settings.ts';
import { openBase } from '../transformer/base.ts';
import { FeatureSource } from './features.ts';
import { loadProbe } from './files.ts';
import { probeKind } from './kind.ts';
import type { ProbeRewardModel } from './model.ts';
import type { Pooling } from './pooling.ts';
import { ProbeTrainer } from './trainer.ts';

let folder: string;
let cacheBefore: string | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-probe-'));
  cacheBefore = process.env.PLAUDIT_CACHE;
  process.env.PLAUDIT_CACHE = join(folder, 'cache');
});
afterAll(async () => {
  if (cacheBefore === undefined) delete process.env.PLAUDIT_CACHE;
  else process.env.PLAUDIT_CACHE = cacheBefore;
  await rm(folder, { recursive: true });
});

const fixture = (name: string): string =>
  new URL(`../../../models/fixtures/${name}`, import.meta.url).pathname;

/** A rule that a tiny model's states show: the response of letters a and b beats those of other letters. */
const trees = (count: number, seed: number, responses = 2): PreferenceTree[] => {
  const random = new Random(seed);
  const text = (letters: string): string =>
    Array.from({ length: 6 }, () => random.pick([...letters])).join('');
  return Array.from({ length: count }, (_, i) => ({
    id: `${seed}-${i}`,
    prompt: [{ role: 'user' as const, content: text('bcd') }],
    responses: [text('ab'), text('cd'), text('ce')].slice(0, responses),
    segments: {},
    pairs: Array.from({ length: responses - 1 }, (_, k) => ({
      winner: 0,
      loser: k + 1,
      weight: 1,
      source: 'test',
      segments: {},
    })),
  }));
};
const split = { train: trees(120, 1), validation: trees(30, 2) };
const items = trees(5, 9, 3).map(({ prompt, responses }) => ({ prompt, responses }));

const origin = {
  createdBy: 'test',
  data: {
    sources: [],
    rows: 150,
    rejects: 0,
    split: { seed: 1, fractions: { train: 0.7, validation: 0.1, test: 0.2 } },
    pairs: { train: 120, validation: 30, test: 0 },
  },
};
const train = (settings: TrainingSettings, seed = 5): Promise<TrainedModel> =>
  probeKind.train(
    split,
    { maxLength: 48, threads: 1, ...settings },
    { seed, origin, checkpoints: join(folder, 'none'), resume: false },
  );
const accuracy = async (model: TrainedModel['model']): Promise<number> => {
  const scores = await model.score(trees(60, 77));
  return scores.filter(([a, b]) => a!.reward > b!.reward).length / scores.length;
};
const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

const bert = fixture('bert');
const llama = fixture('llama');

describe('training', () => {
  it.each([
    ['the mean of a bidirectional base', { base: bert, pooling: ['mean'] }],
    ['its first token and its mean', { base: bert, pooling: ['first', 'mean'] }],
    ['the defaults of a causal base', { base: llama }],
    ['the response read alone', { base: bert, pooling: ['alone'] }],
    ['the last token of a causal base', { base: llama, pooling: ['last'] }],
    ['the mean of a causal base', { base: llama, pooling: ['mean'] }],
    ['the first block of a base', { base: llama, depth: 1 }],
    ['a base in int8', { base: llama, int8: true }],
    ['products with the prompt', { base: bert, head: 'bilinear' }],
    ['a product of low rank', { base: llama, head: 'bilinear', rank: 2, epochs: 10 }],
    ['a hidden layer', { base: llama, head: 'mlp', hidden: 8, epochs: 10 }],
  ] as const)('learns a rule from %s', async (_, settings) => {
    const trained = await train(structuredClone(settings) as TrainingSettings);
    expect(await accuracy(trained.model)).toBeGreaterThan(0.9);
    expect(trained.records.at(-1)).toHaveProperty('validationLoss');
    expect(trained.model.card.calibration!.temperature).toBeGreaterThan(0);
    await trained.model.close();
  });

  it('gives the same bits for the same data and seed', async () => {
    const bits = async (seed: number): Promise<unknown> => {
      const { model } = await train({ base: llama, head: 'mlp', hidden: 4, epochs: 2 }, seed);
      const { parameters } = (model as ProbeRewardModel).parts;
      await model.close();
      return parameters;
    };
    const first = await bits(5);
    expect(await bits(5)).toEqual(first);
    expect(await bits(6)).not.toEqual(first);
  });

  it('computes no feature that an earlier run has computed', async () => {
    const settings = { base: bert, maxLength: 30, pooling: ['first'] as Pooling[] };
    const computed = async (): Promise<number> => {
      const { model } = await train(settings);
      const count = (model as ProbeRewardModel).parts.features.computed;
      await model.close();
      return count;
    };
    const different = new Set(
      [...split.train, ...split.validation].flatMap(({ prompt, responses }) =>
        responses.map((response) => JSON.stringify([prompt, response])),
      ),
    );
    expect(await computed()).toBe(different.size);
    expect(await computed()).toBe(0);
    // Another pooling of the same texts costs only what is new.
    settings.pooling.unshift('mean');
    expect(await computed()).toBe(different.size);
    expect(await computed()).toBe(0);
  });

  it.each([
    [{ base: 'new' }, /base/],
    [{ base: bert, pooling: ['last'] }, /pooling.*bidirectional/],
    [{ base: llama, pooling: ['all'] }, /pooling.*causal/],
    [{ base: llama, pooling: ['mean', 'mean'] }, /pooling.*twice/],
    [{ base: llama, rank: 2 }, /rank/],
    [{ base: llama, head: 'bilinear', hidden: 2 }, /hidden/],
    [{ base: llama, epochs: 2 }, /epochs/],
    [{ base: llama, depth: 99 }, /blocks/],
    [{ base: llama, objective: 'steps' }, /steps/],
  ] as const)('refuses %j', async (settings, problem) => {
    await expect(train(structuredClone(settings) as unknown as TrainingSettings)).rejects.toThrow(problem);
  });
});

describe('features', () => {
  it.each([
    ['llama', ['last', 'mean']],
    ['bert', ['mean', 'alone', 'first', 'all']],
  ] as const)('of %s are the same in any company', async (name, pooling: readonly Pooling[]) => {
    const base = await openBase(fixture(name), 48);
    const source = new FeatureSource(base, {
      pooling,
      depth: null,
      frozen: 'float32',
      provider: 'cpu',
      threads: 1,
      prompts: true,
      cache: null,
    });
    const long = {
      prompt: [{ role: 'user' as const, content: 'bcd'.repeat(30) }],
      responses: ['ab', 'ab'.repeat(9)],
    };
    const all = [...items, long];
    const together = await source.features(all);
    for (const [i, { prompt, responses }] of all.entries())
      for (const [k, response] of responses.entries()) {
        const [alone] = await source.features([{ prompt, responses: [response] }]);
        expect(largest(alone!.responses[0]!, together[i]!.responses[k]!)).toBeLessThan(1e-5);
        expect(largest(alone!.prompt!, together[i]!.prompt!)).toBeLessThan(1e-5);
      }
    expect(source.size).toBe(pooling.length * base.model.hiddenSize);
    await source.close();
  });

  it('say that a text was cut, whether they were computed or kept', async () => {
    const long = [
      { prompt: [{ role: 'user' as const, content: 'bcd'.repeat(30) }], responses: ['ab', 'cd'] },
    ];
    const base = await openBase(llama, 24);
    const cut: number[] = [];
    for (let run = 0; run < 2; run++) {
      const source = new FeatureSource(base, {
        pooling: ['last'],
        depth: null,
        frozen: 'float32',
        provider: 'cpu',
        threads: 1,
        prompts: false,
        cache: { folder: join(folder, 'cut'), limit: 2 ** 20 },
      });
      await source.features([...long, ...items], { onTruncated: (count) => cut.push(count) });
      await source.close();
    }
    expect(cut).toHaveLength(2);
    expect(cut[0]).toBe(cut[1]);
  });
});

describe('a saved probe', () => {
  const save = async (name: string, settings: TrainingSettings) => {
    const directory = join(folder, `saved-${name}`);
    const trained = await train(settings);
    await trained.save(directory, trained.model.card);
    const scores = await trained.model.score(items);
    await trained.model.close();
    return { directory, scores };
  };

  it.each([
    ['linear', { base: bert }],
    ['bilinear', { base: bert, head: 'bilinear' }],
    ['low-rank', { base: llama, head: 'bilinear', rank: 2, epochs: 2 }],
    ['mlp', { base: llama, head: 'mlp', epochs: 2 }],
    ['int8', { base: llama, int8: true, depth: 1 }],
  ] as const)('with a %s head scores the same after loading, in whatever company', async (name, settings) => {
    const { directory, scores } = await save(name, settings as TrainingSettings);
    expect((await readdir(directory)).sort()).toEqual(['config.json', 'head.safetensors', 'plaudit.json']);
    const loaded = await loadRewardModel(directory, { threads: 1 });
    const again = await loaded.score(items);
    for (const [i, { prompt, responses }] of items.entries())
      for (const [k, response] of responses.entries()) {
        const alone = (await loaded.score([{ prompt, responses: [response] }]))[0]![0]!;
        const expected = scores[i]![k]!;
        for (const { reward } of [again[i]![k]!, alone])
          expect(Math.abs(reward - expected.reward)).toBeLessThan(
            1e-5 * Math.max(1, Math.abs(expected.reward)),
          );
        expect(again[i]![k]!.uncertainty! / expected.uncertainty!).toBeCloseTo(1, 4);
        expect(again[i]![k]!.calibrated).toBeCloseTo(expected.calibrated!, 5);
      }
    await loaded.close();
  });

  it('is less sure of what it was not trained on', async () => {
    const { directory } = await save('sure', { base: bert });
    const loaded = await loadProbe(directory, { threads: 1 });
    const uncertainty = async (of: readonly ScoreItem[]): Promise<number> => {
      const scores = (await loaded.score(of)).flat();
      return scores.reduce((sum, score) => sum + score.uncertainty!, 0) / scores.length;
    };
    const strange = split.train.map(({ prompt }) => ({ prompt, responses: ['!?9 !?9 !?9 !?9'] }));
    expect(await uncertainty(strange)).toBeGreaterThan(1.3 * (await uncertainty(split.train)));
    await loaded.close();
  });

  it('is refused when its base, its tokenizer or its numbers have changed', async () => {
    const base = join(folder, 'moved-base');
    await cp(llama, base, { recursive: true });
    const { directory } = await save('moved', { base });
    const template = join(base, 'chat_template.jinja');
    const before = await readFile(template, 'utf8');
    await writeFile(template, `${before} `);
    await expect(loadProbe(directory, {})).rejects.toMatchObject({ code: 'reward.formatting_changed' });
    await writeFile(template, before);
    const path = join(directory, 'head.safetensors');
    const bytes = await readFile(path);
    const broken = Buffer.from(bytes);
    broken.writeFloatLE(Number.NaN, bytes.length - 4);
    await writeFile(path, broken);
    await expect(loadProbe(directory, {})).rejects.toMatchObject({ code: 'reward.weights_corrupt' });
    await writeFile(path, bytes.toString('latin1').replace('head.bias', 'heed.bias'), 'latin1');
    await expect(loadProbe(directory, {})).rejects.toThrow(/head\.bias is missing/);
    await writeFile(path, bytes);
    await (await loadProbe(directory, { threads: 1 })).close();
    await cp(join(fixture('llama-untied'), 'model.safetensors'), join(base, 'model.safetensors'));
    await expect(loadProbe(directory, {})).rejects.toMatchObject({ code: 'reward.base_changed' });
    await (await loadProbe(directory, { base: llama, threads: 1 })).close();
  });
});

describe('a probe in training', () => {
  const rewards = async (trainer: ProbeTrainer): Promise<number[]> =>
    (await trainer.score(items)).flat().map(({ reward }) => reward);

  it('moves to new judgements as a fit of all of them with the same prior would', async () => {
    const some = split.train.slice(0, 100);
    const settings = { base: bert, maxLength: 48, threads: 1, l2: [10] };
    const trainer = await ProbeTrainer.open(settings, { seed: 1 });
    await trainer.add(some);
    expect(() => trainer.refit()).toThrow(/fit first/);
    await trainer.fit();
    const before = await rewards(trainer);
    await trainer.add(split.train.slice(100));
    const refit = trainer.refit();
    expect(refit).toMatchObject({ trees: 120, responses: 240 });
    expect(trainer.size).toBe(120);
    const moved = await rewards(trainer);
    expect(largest(moved, before)).toBeGreaterThan(1e-3);
    // From the same standardisation a fit that starts at 0 ends in the same place.
    expect(trainer.refit().iterations).toBeLessThan(3);
    expect(largest(await rewards(trainer), moved)).toBeLessThan(1e-3);
    await trainer.fit();
    expect(largest(await rewards(trainer), moved)).toBeLessThan(0.3);
    await trainer.close();
  });

  it('is surer after more judgements', async () => {
    const trainer = await ProbeTrainer.open({ base: bert, maxLength: 48, threads: 1, l2: [10] });
    const uncertainty = async (): Promise<number> =>
      (await trainer.score(items)).flat().reduce((sum, score) => sum + score.uncertainty!, 0);
    await trainer.add(split.train.slice(0, 30));
    await trainer.fit();
    const before = await uncertainty();
    await trainer.add(split.train.slice(30));
    trainer.refit();
    expect(await uncertainty()).toBeLessThan(before);
    await trainer.close();
  });

  it('has no second row for a response that is judged twice', async () => {
    const trainer = await ProbeTrainer.open({ base: bert, maxLength: 48, threads: 1 });
    const [tree] = trees(1, 33, 3);
    const one = (loser: number): PreferenceTree => ({
      ...tree!,
      id: `judged ${loser}`,
      responses: [tree!.responses[0]!, tree!.responses[loser]!],
      pairs: [{ winner: 0, loser: 1, weight: 1, source: 'test', segments: {} }],
    });
    await trainer.add([...split.train, one(1), one(2)]);
    await trainer.fit();
    expect(trainer.refit().responses).toBe(2 * split.train.length + 3);
    await trainer.close();
  });

  it('learns with a hidden layer too, and refits behind it', async () => {
    const trainer = await ProbeTrainer.open({
      base: bert,
      maxLength: 48,
      threads: 1,
      head: 'mlp',
      epochs: 5,
    });
    await trainer.add(split.train);
    await trainer.fit();
    await trainer.add(split.validation);
    trainer.refit();
    const scores = await trainer.score(trees(40, 78));
    expect(scores.filter(([a, b]) => a!.reward > b!.reward).length).toBeGreaterThan(36);
    await trainer.close();
  });
});
