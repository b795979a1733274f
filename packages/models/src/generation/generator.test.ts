/** @file Generation against Python's transformers and against passes without a cache. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@plaudit/contract';
import { EngineWorker, type ParameterSnapshot } from '@plaudit/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecorded } from '../families/testing.ts';
import { linearWeightNames } from '../transformer/score-graph.ts';
import { int8Weights } from '../transformer/source.ts';
import type { Generated } from './batch.ts';
import { type GenerationOptions, Generator } from './generator.ts';
import { causalFamilies, uncached, writtenBy } from './testing.ts';

let worker: EngineWorker;
let cache: string;
beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 1 });
  cache = await mkdtemp(join(tmpdir(), 'plaudit-generate-'));
});
afterAll(async () => {
  await worker.stop();
  await rm(cache, { recursive: true });
});

const load = async (name: string, settings: Record<string, unknown> = {}) => {
  const recorded = await openRecorded(name, cache, settings);
  return { ...recorded, generator: await Generator.open({ worker, ...recorded }) };
};
const tokensOf = (results: readonly (readonly Generated[])[]): (readonly number[])[] =>
  results.flat().map(({ tokens }) => tokens);
const ids = (length: number, seed: number): number[] => {
  const random = new Random(seed);
  return Array.from({ length }, () => random.integer(128));
};

describe.each(causalFamilies)('%s', (name) => {
  it('writes what transformers writes, prompts of different lengths in one batch', async () => {
    const { generator } = await load(name);
    const { prompts, greedy, penalised, repetition_penalty: repetitionPenalty } = writtenBy(name);
    const requests = prompts.map((prompt) => ({ prompt }));
    const options = { temperature: 0, maxNewTokens: greedy[0]!.length };
    expect(tokensOf(await generator.generate(requests, options))).toEqual(greedy);
    expect(tokensOf(await generator.generate(requests, { ...options, repetitionPenalty }))).toEqual(
      penalised,
    );
    await generator.close();
  });

  it('gives each token the log-probability of a pass without a cache', async () => {
    const { generator, ...recorded } = await load(name);
    const prompt = ids(7, 1);
    const [samples] = await generator.generate([{ prompt, samples: 3, seed: 4 }], {
      temperature: 0.8,
      maxNewTokens: 15,
    });
    for (const { tokens, logProbabilities } of samples!) {
      const expected = await uncached(worker, recorded, prompt, tokens);
      expect(tokens).toHaveLength(15);
      for (const [i, token] of tokens.entries())
        expect(Math.abs(logProbabilities[i]! - expected[i]![token]!)).toBeLessThan(1e-4);
    }
    await generator.close();
  });
});

describe.each(['llama', 'mistral', 'gemma2'])('%s with long conversations', (name) => {
  it('reads a prompt in parts, and its cache grows, without a change of any log-probability', async () => {
    const { generator, ...recorded } = await load(name, { max_position_embeddings: 2048 });
    const prompt = ids(1100, 2);
    const [[long], [short]] = (await generator.generate([{ prompt }, { prompt: prompt.slice(0, 60) }], {
      maxNewTokens: 70,
    })) as [[Generated], [Generated]];
    for (const [{ tokens, logProbabilities }, before] of [
      [long, prompt],
      [short, prompt.slice(0, 60)],
    ] as const) {
      const expected = await uncached(worker, recorded, before, tokens);
      for (const [i, token] of tokens.entries())
        expect(Math.abs(logProbabilities[i]! - expected[i]![token]!)).toBeLessThan(1e-4);
    }
    await generator.close();
  });
});

describe('a batch', () => {
  const requests = Array.from({ length: 9 }, (_, i) => ({
    prompt: ids(3 + ((i * 5) % 11), i),
    samples: 1 + (i % 4),
    seed: i,
  }));
  const options: GenerationOptions = { maxNewTokens: 14, endIds: [1, 2, 3, 4, 5, 6, 7], temperature: 1.2 };

  it('gives the same tokens with few rows as with many, and one prompt at a time', async () => {
    const { generator } = await load('llama');
    const many = tokensOf(await generator.generate(requests, options));
    expect(new Set(many.map((tokens) => tokens.length)).size).toBeGreaterThan(4);
    for (const slots of [1, 2, 3, 7]) {
      const counts = { prompt: 0, response: 0, steps: 0 };
      expect(tokensOf(await generator.generate(requests, { ...options, slots }, counts))).toEqual(many);
      // Whatever the rows, each prompt is read once, and all tokens but the last of each response run through the model.
      expect(counts.prompt).toBe(requests.reduce((sum, { prompt }) => sum + prompt.length, 0));
      expect(counts.response).toBe(many.reduce((sum, tokens) => sum + tokens.length - 1, 0));
      expect(counts.steps).toBeGreaterThanOrEqual(counts.response / slots);
    }
    const apart = await Promise.all(requests.map((request) => generator.generate([request], options)));
    expect(tokensOf(apart.flat())).toEqual(many);
    await generator.close();
  });

  it('is empty where nothing is asked for', async () => {
    const { generator } = await load('llama');
    expect(await generator.generate([])).toEqual([]);
    await generator.close();
  });

  it('reads a prompt once for all its samples, also where they do not fit at once', async () => {
    const { generator } = await load('llama');
    const prompt = ids(20, 3);
    const counts = { prompt: 0, response: 0, steps: 0 };
    const [samples] = await generator.generate([{ prompt, samples: 40 }], { ...options, slots: 4 }, counts);
    expect(counts.prompt).toBe(20);
    expect(samples).toHaveLength(40);
    expect(new Set(samples!.map(({ tokens }) => tokens.join())).size).toBeGreaterThan(30);
    await generator.close();
  });

  it('draws tokens as often as the model says', async () => {
    const { generator, ...recorded } = await load('llama');
    const prompt = ids(6, 9);
    const count = 4000;
    const [samples] = await generator.generate([{ prompt, samples: count, seed: 11 }], { maxNewTokens: 1 });
    const [expected] = await uncached(worker, recorded, prompt, [0]);
    const found = new Float64Array(128);
    for (const { tokens, logProbabilities, samplingLogProbabilities } of samples!) {
      found[tokens[0]!]!++;
      expect(Math.abs(samplingLogProbabilities[0]! - logProbabilities[0]!)).toBeLessThan(1e-5);
    }
    // Tokens that are expected fewer than five times are counted together.
    const cells = Array.from(expected!, (logProbability, token) => ({
      expected: count * Math.exp(logProbability),
      found: found[token]!,
    }));
    const rare = cells.filter((cell) => cell.expected < 5);
    const sum = (name: 'expected' | 'found'): number => rare.reduce((total, cell) => total + cell[name], 0);
    const used = [
      ...cells.filter((cell) => cell.expected >= 5),
      { expected: sum('expected'), found: sum('found') },
    ];
    const statistic = used.reduce(
      (total, cell) => total + (cell.found - cell.expected) ** 2 / cell.expected,
      0,
    );
    const degrees = used.length - 1;
    expect(degrees).toBeGreaterThan(10);
    // Within four standard deviations of the chi-square distribution.
    expect(statistic).toBeLessThan(degrees + 4 * Math.sqrt(2 * degrees));
    await generator.close();
  });
});

describe('the end of a response', () => {
  it('is the end token, which it keeps, or the number of tokens, or the length of the model', async () => {
    const { generator } = await load('llama');
    const { prompts, greedy } = writtenBy('llama');
    const endId = greedy[1]![3]!;
    const requests = prompts.map((prompt) => ({ prompt }));
    const found = await generator.generate(requests, { temperature: 0, maxNewTokens: 8, endIds: [endId] });
    expect(found[1]![0]).toMatchObject({ ended: 'end', tokens: greedy[1]!.slice(0, 4), text: null });
    expect(found[0]![0]).toMatchObject({ ended: 'length', tokens: greedy[0]!.slice(0, 8) });
    const short = await Generator.open({ worker, ...(await openRecorded('llama', cache)), maxLength: 10 });
    const [[long]] = (await short.generate([{ prompt: ids(7, 1) }], { temperature: 0 })) as [[Generated]];
    expect(long).toMatchObject({ ended: 'length' });
    expect(long.tokens).toHaveLength(3);
    await expect(short.generate([{ prompt: ids(10, 1) }])).rejects.toMatchObject({
      code: 'model.prompt_too_long',
      parameters: { tokens: 10, limit: 10 },
    });
    await Promise.all([generator.close(), short.close()]);
  });

  it('is a stop string, which the text leaves out, and tokens come as they are chosen', async () => {
    const { generator } = await load('llama');
    const { prompts, greedy } = writtenBy('llama');
    const decode = (tokens: readonly number[]): string => tokens.map((token) => `<${token}>`).join('');
    const [, , , fourth, fifth] = greedy[1]!;
    // Begins within one token and ends within the next.
    const stop = `${fourth}><${fifth}`;
    const events: [number, string, string | null][] = [];
    const [[found]] = (await generator.generate([{ prompt: prompts[1]! }], {
      temperature: 0,
      stop: [stop],
      decode,
      onToken: ({ token, text, ended }) => events.push([token, text, ended]),
    })) as [[Generated]];
    expect(found).toMatchObject({ ended: 'stop', tokens: greedy[1]!.slice(0, 5) });
    expect(found.text).toBe(`${decode(greedy[1]!.slice(0, 3))}<`);
    expect(events.map(([token]) => token)).toEqual(found.tokens);
    expect(events.map(([, text]) => text).join('')).toBe(found.text);
    expect(events.map(([, , ended]) => ended)).toEqual([null, null, null, null, 'stop']);
    await generator.close();
  });

  it('comes early where the call is cancelled', async () => {
    const { generator } = await load('llama');
    const controller = new AbortController();
    let tokens = 0;
    const generation = generator.generate([{ prompt: ids(4, 1), samples: 2 }], {
      signal: controller.signal,
      onToken: () => {
        if (++tokens === 6) controller.abort();
      },
    });
    await expect(generation).rejects.toMatchObject({ code: 'engine.cancelled' });
    expect(tokens).toBe(6);
    expect((await generator.generate([{ prompt: ids(4, 1) }], { maxNewTokens: 2 }))[0]).toHaveLength(1);
    await generator.close();
  });
});

describe('what is refused', () => {
  it.each([
    [{ prompt: [] }, {}],
    [{ prompt: [128] }, {}],
    [{ prompt: [1], samples: 0 }, {}],
    [{ prompt: [1] }, { slots: 0 }],
    [{ prompt: [1] }, { maxNewTokens: 1.5 }],
    [{ prompt: [1] }, { stop: ['x'] }],
    [{ prompt: [1] }, { topP: 0 }],
  ])('is %j with %j', async (request, options) => {
    const { generator } = await load('llama');
    await expect(generator.generate([request], options)).rejects.toThrow(RangeError);
    await generator.close();
  });

  it('is a model that does not read from left to right', async () => {
    const recorded = await openRecorded('bert', cache);
    await expect(Generator.open({ worker, ...recorded })).rejects.toThrow(TypeError);
  });

  it('is a model whose scores are not numbers', async () => {
    const recorded = await openRecorded('llama', cache);
    const lora = { rank: 1, alpha: 1, targets: ['q_proj'], dropout: 0 };
    const generator = await Generator.open({ worker, ...recorded, lora });
    const broken = [...generator.trained.values()].map(({ name, shape }) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(Number.NaN);
      return [name, { shape, data }] as const;
    });
    const parameters = await worker.createParameters(Object.fromEntries(broken));
    const open = await Generator.open({ worker, ...recorded, lora, parameters });
    await expect(open.generate([{ prompt: [5, 6] }])).rejects.toMatchObject({ code: 'engine.non_finite' });
    await Promise.all([generator.close(), open.close(), parameters.close()]);
  });
});

describe('an adapter in the parameter store', () => {
  it('decides what is written from the moment it changes', async () => {
    const recorded = await openRecorded('llama', cache);
    const lora = { rank: 2, alpha: 4, targets: recorded.model.loraTargets, dropout: 0.5 };
    const { trained } = await Generator.open({ worker, ...recorded, lora });
    const random = new Random(3);
    const values = (size: number) =>
      Object.fromEntries(
        [...trained.values()].map(({ name, shape }) => {
          const length = shape.reduce((a, b) => a * b, 1);
          return [name, { shape, data: Float32Array.from({ length }, () => random.normal() * size) }];
        }),
      );
    const parameters = await worker.createParameters(values(0));
    const generator = await Generator.open({ worker, ...recorded, lora, parameters });
    const { prompts, greedy } = writtenBy('llama');
    const [prompt] = prompts as [number[]];
    const write = async (): Promise<Generated> =>
      (await generator.generate([{ prompt }], { temperature: 0, maxNewTokens: 12 }))[0]![0]!;
    expect((await write()).tokens).toEqual(greedy[0]);

    const adapter = values(0.2);
    const { step, parameters: before } = await parameters.snapshot();
    const changed: ParameterSnapshot = {
      step,
      parameters: Object.fromEntries(
        Object.entries(before).map(([name, state]) => [name, { ...state, value: adapter[name]!.data }]),
      ),
    };
    await parameters.restore(changed);
    const { tokens, logProbabilities } = await write();
    expect(tokens).not.toEqual(greedy[0]);
    const feeds = Object.fromEntries(
      Object.entries(adapter).map(([name, { shape, data }]) => [
        name,
        { dtype: 'float32' as const, shape, data },
      ]),
    );
    const expected = await uncached(worker, recorded, prompt, tokens, { lora }, feeds);
    for (const [i, token] of tokens.entries())
      expect(Math.abs(logProbabilities[i]! - expected[i]![token]!)).toBeLessThan(1e-4);
    await Promise.all([generator.close(), parameters.close()]);
  });
});

describe('weights that are all trained', () => {
  it('are read from the parameter store', async () => {
    const recorded = await openRecorded('llama-untied', cache);
    const { checkpoint, model, source } = recorded;
    const { trained } = await Generator.open({ worker, model, source, full: true });
    const initial = await Promise.all(
      [...trained.values()].map(async ({ name, shape, initial: start }) => {
        if (start.kind !== 'checkpoint') throw new TypeError(`${name} is not in the checkpoint`);
        return [name, { shape, data: await checkpoint.read(start.name) }] as const;
      }),
    );
    const parameters = await worker.createParameters(Object.fromEntries(initial));
    const { prompts, greedy } = writtenBy('llama-untied');
    const requests = prompts.map((prompt) => ({ prompt }));
    for (const settings of [{ source, full: true }, { source: null }]) {
      const generator = await Generator.open({ worker, model, parameters, ...settings });
      const found = await generator.generate(requests, { temperature: 0, maxNewTokens: 12 });
      expect(tokensOf(found)).toEqual(greedy);
      await generator.close();
    }
    await parameters.close();
  });
});

describe('int8 weights', () => {
  it.each([false, true])(
    'give log-probabilities near those of float32, the vocabulary in int8: %s',
    async (vocabulary) => {
      const recorded = await openRecorded('llama', cache);
      const { checkpoint, model, source } = recorded;
      const names = linearWeightNames(model, source, { vocabulary });
      expect(names.has('model.embed_tokens.weight')).toBe(vocabulary);
      const int8 = await int8Weights(checkpoint, source, names, cache);
      const generator = await Generator.open({ worker, model, source: int8 });
      const prompt = ids(7, 1);
      const [[found]] = (await generator.generate([{ prompt }], { maxNewTokens: 20 })) as [[Generated]];
      const same = await uncached(worker, { model, source: int8 }, prompt, found.tokens);
      const exact = await uncached(worker, recorded, prompt, found.tokens);
      const off = (of: readonly Float32Array[]): number =>
        Math.max(...found.tokens.map((token, i) => Math.abs(found.logProbabilities[i]! - of[i]![token]!)));
      expect(off(same)).toBeLessThan(0.02);
      expect(off(exact)).toBeLessThan(0.5);
      expect(off(exact)).toBeGreaterThan(1e-4);
      await generator.close();
    },
  );
});
