import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlauditError, Random } from '@plaudit/contract';
import { EngineWorker, type TensorValues } from '@plaudit/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../checkpoint/index.ts';
import { readModel } from '../families/index.ts';
import { largestDifference, openRecorded, recordedBatch, runGraph } from '../families/testing.ts';
import { storedShapes } from '../transformer/float16-source.ts';
import { policyGraph } from '../transformer/policy-graph.ts';
import { scoreGraph } from '../transformer/score-graph.ts';
import { floatWeights } from '../transformer/source.ts';
import { writeMergedCausal } from './causal-folder.ts';
import type { LoraConfig } from './lora.ts';
import type { Values } from './merge.ts';
import { readPeftAdapter, writePeftAdapter } from './peft.ts';

let worker: EngineWorker;
let folder: string;
beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 1 });
  folder = await mkdtemp(join(tmpdir(), 'plaudit-causal-'));
});
afterAll(async () => {
  await worker.stop();
  await rm(folder, { recursive: true });
});

type Recorded = Awaited<ReturnType<typeof openRecorded>>;

const loraOf = ({ model }: Recorded): LoraConfig => ({
  rank: 2,
  alpha: 4,
  targets: model.loraTargets,
  dropout: 0,
});

/** An adapter with branches that matter, and a value function beside it. */
const trainedValues = ({ checkpoint, model }: Recorded, lora: LoraConfig): Values => {
  const { weights } = policyGraph(model, { source: storedShapes(checkpoint), lora, value: true });
  const random = new Random(5);
  return new Map(
    [...weights.trained.values()].map(({ name, shape }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, data: Float32Array.from({ length }, () => random.normal() * 0.2) }];
    }),
  );
};

/** The logits of the recorded conversations. */
const logitsOf = async (
  recorded: Recorded,
  options: Parameters<typeof scoreGraph>[1],
  values: Values = new Map(),
): Promise<Float32Array> => {
  const { model, head } = recorded;
  const built = scoreGraph(model, options);
  const states = model.finish(built.weights, model.body(built.weights, built.layout));
  const outputs = { logits: model.logits!(built.weights, states), rewards: built.rewards };
  const feeds: TensorValues = Object.fromEntries(
    [...values]
      .filter(([name]) => built.weights.trained.has(name))
      .map(([name, { shape, data }]) => [name, { dtype: 'float32', shape, data }]),
  );
  return (await runGraph(worker, outputs, recordedBatch(recorded, 'right', 1), { ...head, ...feeds }))
    .logits!;
};

describe.each([
  ['llama', 'LlamaForCausalLM'],
  ['llama-untied', 'LlamaForCausalLM'],
  ['qwen3', 'Qwen3ForCausalLM'],
  ['gpt-neox', 'GPTNeoXForCausalLM'],
  ['gpt2', 'GPT2LMHeadModel'],
])('a policy of %s', (name, architecture) => {
  it('is written as a causal model with the logits that it has with its adapter', async () => {
    const recorded = await openRecorded(name, folder);
    const { checkpoint, model, source } = recorded;
    const lora = loraOf(recorded);
    const values = trainedValues(recorded, lora);
    const path = join(folder, name);
    await writeMergedCausal(path, { checkpoint, model, lora, values });
    const merged = await openCheckpoint(path);
    expect(merged.config.architectures).toEqual([architecture]);
    expect(merged.config.tie_word_embeddings).toBe(checkpoint.config.tie_word_embeddings);
    expect([...merged.tensors.keys()].filter((tensor) => /lora|plaudit|score/.test(tensor))).toEqual([]);
    const adapted = await logitsOf(recorded, { source, lora }, values);
    const written = await logitsOf(recorded, { source: await floatWeights(merged, folder) });
    expect(largestDifference(written, Array.from(adapted))).toBeLessThan(1e-4);
    expect(largestDifference(written, Array.from(await logitsOf(recorded, { source })))).toBeGreaterThan(
      1e-2,
    );
    expect(readModel(merged.config).family).toBe(model.family);
    expect((await merged.text()).tokenizerJson).toEqual((await checkpoint.text()).tokenizerJson);
  });
});

describe('a policy with all weights trained', () => {
  it('is written with the trained values', async () => {
    const recorded = await openRecorded('llama', folder);
    const { checkpoint, model } = recorded;
    const embeddings = await checkpoint.read('model.embed_tokens.weight');
    const values = new Map([
      ['model.embed_tokens.weight', { shape: [128, 32], data: embeddings.map((value) => value + 1) }],
    ]);
    const path = join(folder, 'full');
    await writeMergedCausal(path, { checkpoint, model, lora: null, values, dtype: 'BF16' });
    const written = await openCheckpoint(path);
    expect(written.config.torch_dtype).toBe('bfloat16');
    const found = await written.read('model.embed_tokens.weight');
    expect(
      largestDifference(
        found,
        Array.from(embeddings, (value) => value + 1),
      ),
    ).toBeLessThan(2e-2);
    expect(written.tensors.has('lm_head.weight')).toBe(false);
    await expect(
      writeMergedCausal(path, {
        checkpoint,
        model,
        lora: null,
        values: new Map([['model.extra.weight', { shape: [1], data: new Float32Array(1) }]]),
      }),
    ).rejects.toThrow(/no place for the trained value model\.extra\.weight/);
  });
});

describe('an adapter of a causal model', () => {
  it('is written for PEFT without a head, and read again', async () => {
    const recorded = await openRecorded('llama', folder);
    const lora = loraOf(recorded);
    const values = trainedValues(recorded, lora);
    const directory = join(folder, 'adapter');
    const base = { name: recorded.checkpoint.path };
    await writePeftAdapter(directory, values, { lora, model: recorded.model, base, task: 'CAUSAL_LM' });
    const config = JSON.parse(await readFile(join(directory, 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({ task_type: 'CAUSAL_LM', modules_to_save: null, r: 2, lora_alpha: 4 });
    const read = await readPeftAdapter(directory);
    expect(read).toMatchObject({ lora, task: 'CAUSAL_LM', basePath: recorded.checkpoint.path });
    expect([...read.values.keys()].every((name) => name.includes('.lora_'))).toBe(true);
    expect(read.values.size).toBe(values.size - 2);
    for (const [name, { data }] of read.values) expect(data).toEqual(values.get(name)!.data);
  });

  it('refuses a value that is no part of it', async () => {
    const recorded = await openRecorded('llama', folder);
    const values = new Map([['score.weight', { shape: [1, 32], data: new Float32Array(32) }]]);
    const options = { lora: loraOf(recorded), model: recorded.model, base: { name: 'base' } };
    await expect(
      writePeftAdapter(join(folder, 'refused'), values, { ...options, task: 'CAUSAL_LM' }),
    ).rejects.toThrow(RangeError);
  });

  it.each([
    ['use_dora', true],
    ['use_rslora', true],
    ['rank_pattern', { q_proj: 4 }],
    ['task_type', 'SEQ_2_SEQ_LM'],
  ])('is refused when read with %s, whose numbers mean something else', async (field, value) => {
    const recorded = await openRecorded('llama', folder);
    const lora = loraOf(recorded);
    const directory = join(folder, `adapter-${field}`);
    const base = { name: 'base' };
    await writePeftAdapter(directory, trainedValues(recorded, lora), {
      lora,
      model: recorded.model,
      base,
      task: 'CAUSAL_LM',
    });
    const path = join(directory, 'adapter_config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...config, [field]: value }));
    const thrown = await readPeftAdapter(directory).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(PlauditError);
    expect((thrown as PlauditError).code).toBe('model.config_invalid');
    expect((thrown as PlauditError).message).toContain(field);
  });
});
