import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type PreferenceTree,
  preferenceTrees,
  readJudgements,
  simulate,
  splitByPrompt,
} from '@plaudit/feedback';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelCard } from '../model.ts';
import { type ValidationOptions, validate } from '../validation/validate.ts';
import { trainedOnShuffledLabels } from './canary.ts';
import { defaultLinear } from './configuration.ts';
import { loadLinear, saveLinear } from './files.ts';
import type { LinearRewardModel } from './model.ts';
import { trainLinear } from './train.ts';

const origin = {
  data: {
    sources: [],
    rows: 0,
    rejects: 0,
    split: { seed: 1, fractions: { train: 0.7, validation: 0.1, test: 0.2 } },
    pairs: { train: 0, validation: 0, test: 0 },
  },
  createdBy: '0.1.0',
};
const configuration = { ...defaultLinear, features: { ...defaultLinear.features, dimension: 2 ** 14 } };

const study = simulate({
  prompts: 300,
  responsesPerPrompt: 4,
  comparisons: 1500,
  seed: 1,
  annotators: { count: 8, noise: 0.5 },
});
const split = splitByPrompt(preferenceTrees(study.comparisons).trees, { seed: 1 });

const evaluated = async (
  trained: LinearRewardModel,
  trees: readonly PreferenceTree[],
  options: ValidationOptions = {},
) => validate(trees, await trained.score(trees), options);

let model: LinearRewardModel;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plaudit-linear-'));
  ({ model } = await trainLinear(split, configuration, { seed: 1, origin }));
  await saveLinear(model, directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('training', () => {
  it('beats the length baseline on simulated judgements by far', async () => {
    const document = await evaluated(model, split.test, { seed: 1, clusters: split.cluster });
    expect(document.overLengthBaseline.interval[0]).toBeGreaterThan(0);
    expect(document.accuracy).toBeGreaterThan(0.65);
    expect(document.canaries.swappedLabels.passed).toBe(true);
    expect(document.canaries.shuffledLabels.passed).toBe(true);
  });

  it('gives the same weights bit for bit for the same data and seed', async () => {
    const again = await trainLinear(split, configuration, { seed: 1, origin });
    expect(again.model.parameters).toEqual(model.parameters);
    expect(again.model.card).toEqual(model.card);
  });

  it('learns nothing that holds when the labels are drawn by coin', async () => {
    const coin = split.train.map((tree, t) => ({
      ...tree,
      pairs: tree.pairs.map((pair, p) =>
        (t * 7 + p * 3) % 2 === 0 ? pair : { ...pair, winner: pair.loser, loser: pair.winner },
      ),
    }));
    const shuffled = await trainLinear({ ...split, train: coin }, configuration, { seed: 1, origin });
    const { accuracy } = await evaluated(shuffled.model, split.test);
    expect(Math.abs(accuracy - 0.5)).toBeLessThan(0.12);
  });

  it('passes the trained canary with exactly one half', async () => {
    const canary = await trainedOnShuffledLabels(split, configuration, { seed: 1, origin });
    expect(canary.passed).toBe(true);
    expect(canary.observed).toBeCloseTo(0.5, 2);
    expect(canary.tolerance[0]).toBeGreaterThan(0.4);
  });

  it('runs the trained canary on one prompt that was judged thousands of times', async () => {
    const often = (tree: PreferenceTree): PreferenceTree => ({
      ...tree,
      pairs: Array.from({ length: 2000 }, () => tree.pairs[0]!),
    });
    const one = { train: [often(split.train[0]!)], validation: [often(split.validation[0]!)] };
    const canary = await trainedOnShuffledLabels(one, configuration, { seed: 1, origin });
    expect(canary).toMatchObject({ observed: 0.5, passed: true });
  });

  it('fails the trained canary where the real labels reach the trainer by another way', async () => {
    const leaking: typeof trainLinear = (given, ...rest) =>
      trainLinear({ ...given, train: [...given.train, ...split.train] }, ...rest);
    const canary = await trainedOnShuffledLabels(split, configuration, { seed: 1, origin }, leaking);
    expect(canary.observed).toBeGreaterThan(canary.tolerance[1]);
    expect(canary.passed).toBe(false);
  });

  it('learns the opposite when all labels are swapped', async () => {
    const swap = (trees: typeof split.train) =>
      trees.map((tree) => ({
        ...tree,
        pairs: tree.pairs.map((pair) => ({ ...pair, winner: pair.loser, loser: pair.winner })),
      }));
    const swapped = await trainLinear(
      { ...split, train: swap(split.train), validation: swap(split.validation) },
      configuration,
      { seed: 1, origin },
    );
    const given = await evaluated(model, split.test);
    const opposite = await evaluated(swapped.model, split.test);
    expect(opposite.accuracy).toBeCloseTo(1 - given.accuracy, 2);
  });

  it('gives training responses a mean reward of 0', async () => {
    const rewards = (await model.score(split.train)).flat().map((score) => score.reward);
    expect(Math.abs(rewards.reduce((a, b) => a + b) / rewards.length)).toBeLessThan(1e-6);
    expect(model.card.calibration?.reference).toBeCloseTo(0, 6);
  });

  it('refuses data and settings with which it cannot work', async () => {
    const few = { train: split.train.slice(0, 1), validation: split.validation };
    await expect(trainLinear(few, configuration, { seed: 1, origin })).rejects.toMatchObject({
      code: 'reward.too_few_pairs',
    });
    for (const wrong of [{ l2: [0] }, { labelSmoothing: 0.5 }, { l2: [] }, { maxIterations: 0 }])
      await expect(
        trainLinear(split, { ...configuration, ...wrong }, { seed: 1, origin }),
      ).rejects.toMatchObject({ code: 'reward.bad_configuration' });
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.timeout(1);
    await expect(
      trainLinear(split, { ...configuration, surfaceL2: [1, 10, 30, 100] }, { seed: 1, origin, signal }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('scoring', () => {
  it('scores a response the same with and without its siblings', async () => {
    const { prompt, responses } = split.test[0]!;
    const together = (await model.score([{ prompt, responses }]))[0]!;
    const alone = await model.score(responses.map((response) => ({ prompt, responses: [response] })));
    expect(alone.flat()).toEqual(together);
  });

  it('answers every text with a finite reward and a probability', async () => {
    const responses = ['', ' ', 'x'.repeat(100_000), '\ud800', '💥', 'a\u0000b', '中文'];
    const [scores] = await model.score([{ prompt: [{ role: 'user', content: '' }], responses }]);
    for (const { reward, calibrated } of scores!) {
      expect(reward).toSatisfy(Number.isFinite);
      expect(calibrated).toBeGreaterThanOrEqual(0);
      expect(calibrated).toBeLessThanOrEqual(1);
    }
  });
});

describe('a saved linear model', () => {
  it('scores bit for bit like the trained one and stays under 2 MB', async () => {
    const loaded = await loadLinear(directory);
    expect(loaded.card).toEqual(model.card);
    expect(await loaded.score(split.test)).toEqual(await model.score(split.test));
    expect((await stat(join(directory, 'model.safetensors'))).size).toBeLessThan(2e6);
  });

  it('is refused with a reason when a file of it is damaged, missing or newer', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'plaudit-linear-'));
    const refused = async (
      file: string,
      content: string | Buffer | undefined,
      code: string,
    ): Promise<void> => {
      await saveLinear(model, copy);
      if (content === undefined) await rm(join(copy, file));
      else await writeFile(join(copy, file), content);
      await expect(loadLinear(copy)).rejects.toMatchObject({ code });
    };
    try {
      await saveLinear(model, copy);
      const card = await readModelCard(copy);
      const weights = await readFile(join(copy, 'model.safetensors'));
      await refused('plaudit.json', undefined, 'reward.model_missing');
      await refused('plaudit.json', '{"version":', 'reward.card_corrupt');
      await refused('plaudit.json', JSON.stringify({ ...card, version: 2 }), 'reward.card_newer');
      await refused('plaudit.json', JSON.stringify({ ...card, normaliser: {} }), 'reward.card_corrupt');
      await refused('plaudit.json', JSON.stringify({ ...card, kind: 'transformer' }), 'reward.kind_mismatch');
      await refused('config.json', '{}', 'reward.weights_corrupt');
      await refused('model.safetensors', weights.subarray(0, -4), 'model.corrupt');
      const poisoned = Buffer.from(weights);
      poisoned.writeFloatLE(Number.NaN, poisoned.length - 4);
      await refused('model.safetensors', poisoned, 'reward.weights_corrupt');
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  });
});

const harmless = new URL(
  '../../../../../shared/data/text-pairs/hh-harmless-test.open.jsonl.gz',
  import.meta.url,
).pathname;

describe.skipIf(!existsSync(harmless))(`HH-harmless (skipped where ${harmless} is absent)`, () => {
  it('is learnt above its length baseline in seconds', async () => {
    const { judgements } = await readJudgements(harmless);
    const sides = splitByPrompt(preferenceTrees(judgements).trees, { seed: 1 });
    const { model: trained } = await trainLinear(sides, defaultLinear, { seed: 1, origin });
    const document = await evaluated(trained, sides.test, { seed: 1, clusters: sides.cluster });
    expect(document.accuracy).toBeGreaterThan(document.lengthBaseline);
    expect(document.lengthBaselines.better).toBe('shorter');
    expect(document.accuracy).toBeGreaterThan(0.6);
  });
});
