/** @file The folder of a saved transformer reward model, which Hugging Face's libraries open too. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';
import { float16Providers, type ProviderName, requireFloat16 } from '@plaudit/engine';
import {
  configText,
  gateModule,
  type LocatedCheckpoint,
  locateCheckpoint,
  locateHubOrigin,
  mergedTensors,
  readPeftAdapter,
  readSafetensorsHeader,
  readTensor,
  storedShapes,
  type TensorToWrite,
  writePeftAdapter,
  writeSafetensors,
} from '@plaudit/models';
import { type ModelCard, modelCardFile, type RewardModel, readModelCard, writeModelCard } from '../model.ts';
import type { LoadOptions } from '../run/kinds.ts';
import { type Base, openLocatedBase } from './base.ts';
import { providerOf, type TransformerConfiguration, transformerConfiguration } from './configuration.ts';
import { TransformerRewardModel } from './model.ts';
import { Network, type TrainedValues } from './network.ts';

/**
 * A padding token that no response ends with. Hugging Face's classifiers score the last token that is not padding, so
 * with padding equal to the end of a turn (as chat models have it) they would score the token before it.
 */
const classifierPad = ({ formatter: { padId, endId, tokenizer } }: Base): number => {
  const { unk, bos } = tokenizer.ids;
  return [padId, unk, bos, 0].find((id) => id !== undefined && id !== endId) ?? (endId === 1 ? 2 : 1);
};

/** `config.json` of the sequence classifier that the model is to Hugging Face's transformers. */
const classifierConfig = (base: Base, heads: readonly string[]): Record<string, unknown> => ({
  ...base.config,
  architectures: [base.model.classifier],
  num_labels: heads.length,
  id2label: Object.fromEntries(heads.map((name, i) => [i, name])),
  label2id: Object.fromEntries(heads.map((name, i) => [name, i])),
  problem_type: 'regression',
  pad_token_id: classifierPad(base),
});

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The values of a gate, which Hugging Face's classifiers have no place for, lie in a file of their own. */
const gateFile = 'gate.safetensors';

const isGate = (name: string): boolean => name.startsWith(`${gateModule}.`);

/** The trained values of an open network, without what its objectives learned beside them. */
export const trainedValues = async (network: Network): Promise<TrainedValues> => {
  const { parameters } = await network.parameters.snapshot({ moments: false });
  return new Map(
    Object.entries(parameters)
      .filter(([name]) => network.trained.has(name))
      .map(([name, { shape, value }]) => [name, { shape, data: value }]),
  );
};

const tensorsOf = (values: TrainedValues): Map<string, TensorToWrite> =>
  new Map([...values].map(([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }]));

const readGate = async (directory: string): Promise<TrainedValues> => {
  const { tensors } = await readSafetensorsHeader(join(directory, gateFile));
  const values = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, entry] of tensors)
    values.set(name, { shape: entry.shape, data: await readTensor(entry) });
  return values;
};

/**
 * Writes the model: a PEFT adapter with its head beside the name of its base, or all weights; the tokenizer; the card.
 *
 * @throws output.disk_full, output.not_writable
 */
export const saveTransformer = async (model: TransformerRewardModel, directory: string): Promise<void> => {
  const { base, network, card } = model;
  await mkdir(directory, { recursive: true });
  const all = await trainedValues(network);
  const values = new Map([...all].filter(([name]) => !isGate(name)));
  const { lora, merge, plan } = configurationOf(card, directory);
  const weightsFile = join(directory, 'model.safetensors');
  if (lora && merge) {
    await writeSafetensors(
      weightsFile,
      mergedTensors(base.checkpoint!, storedShapes(base.checkpoint!), base.model, lora, values),
    );
  } else if (lora)
    await writePeftAdapter(directory, values, {
      lora,
      model: base.model,
      base: base.hub ? { name: base.hub.id, revision: base.hub.commit } : { name: base.path! },
    });
  else await writeSafetensors(weightsFile, tensorsOf(values));
  if (plan.gate)
    await writeSafetensors(
      join(directory, gateFile),
      tensorsOf(new Map([...all].filter(([name]) => isGate(name)))),
    );
  await writeFile(join(directory, 'config.json'), configText(classifierConfig(base, plan.heads)));
  await writeFile(join(directory, 'tokenizer.json'), JSON.stringify(base.text.tokenizerJson));
  await writeFile(join(directory, 'tokenizer_config.json'), json(base.text.tokenizerConfig));
  await writeFile(join(directory, 'chat_template.jinja'), base.formatter.chatTemplate);
  await writeModelCard(directory, card);
};

/** The configuration that the card of a transformer carries. @throws reward.card_corrupt naming the field */
const configurationOf = (card: ModelCard, directory: string): TransformerConfiguration => {
  const parsed = transformerConfiguration.safeParse(card.configuration);
  if (parsed.success) return parsed.data;
  throw plauditError('reward.card_corrupt', {
    path: join(directory, modelCardFile),
    problem: `configuration.${parsed.error.issues[0]?.path.join('.')} is missing or wrong`,
  });
};

/** Where an adapter's base lies: where a person says, in the cache of the Hub, or where it was trained. */
const locateBase = (
  { lineage }: ModelCard,
  recordedPath: string,
  { base }: LoadOptions,
): Promise<LocatedCheckpoint> => {
  if (base !== undefined) return locateCheckpoint(base);
  return lineage.hub ? locateHubOrigin(lineage.hub) : locateCheckpoint(recordedPath);
};

/** How a saved model's frozen weights are held: as in its training where the device can, and else in float32. */
const frozenIn = async (
  { frozen }: TransformerConfiguration,
  provider: ProviderName,
): Promise<'float32' | 'float16'> => {
  if (frozen !== 'float16' || !float16Providers.has(provider)) return 'float32';
  try {
    await requireFloat16({ provider });
    return 'float16';
  } catch (cause) {
    if (cause instanceof PlauditError && cause.code === 'engine.float16_absent') return 'float32';
    throw cause;
  }
};

/**
 * Opens a saved model.
 *
 * @throws reward.*, model.*; `reward.base_changed` when the base is not the checkpoint that it was trained on
 */
export const loadTransformer = async (directory: string, options: LoadOptions): Promise<RewardModel> => {
  const card = await readModelCard(directory);
  const configuration = configurationOf(card, directory);
  const { lora, merge, plan, maxLength, tokensPerBatch } = configuration;
  let base: Base;
  let values: TrainedValues;
  let frozen: 'float32' | 'float16' = 'float32';
  const provider = providerOf(options.provider ?? 'cpu');
  const adapted = lora !== null && !merge;
  if (adapted) {
    const adapter = await readPeftAdapter(directory);
    const located = await locateBase(card, adapter.basePath, options);
    frozen = await frozenIn(configuration, provider);
    base = await openLocatedBase(located, maxLength, { frozen });
    if (base.digest !== card.lineage.base) {
      throw plauditError('reward.base_changed', { path: directory, base: located.path });
    }
    values = adapter.values;
  } else {
    base = await openLocatedBase({ path: directory, hub: null }, maxLength);
    values = await headValues(base);
  }
  if (base.formatter.digest !== card.formattingDigest) {
    throw plauditError('reward.formatting_changed', { path: directory });
  }
  if (plan.gate) values = new Map([...values, ...(await readGate(directory))]);
  const network = await Network.open(base, {
    plan,
    method: adapted ? 'lora' : 'frozen',
    lora: adapted ? lora : null,
    provider,
    frozen,
    threads: options.threads ?? null,
    mapped: options.mapped ?? false,
    start: { values },
  });
  return new TransformerRewardModel(base, network, card, tokensPerBatch);
};

/** The head of a model whose other weights stay in their file. */
const headValues = async ({ checkpoint, model }: Base): Promise<TrainedValues> => {
  const values = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, { shape }] of checkpoint!.tensors) {
    if (name.startsWith(`${model.head.module}.`))
      values.set(name, { shape, data: await checkpoint!.read(name) });
  }
  return values;
};
