/** @file A linear reward model as a folder: `plaudit.json`, `config.json`, `model.safetensors`. */
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { openCheckpoint, type TensorToWrite, writeFileAtomic, writeSafetensors } from '@plaudit/models';
import { z } from 'zod';
import { readModelCard, writeModelCard } from '../model.ts';
import { type LinearParameters, LinearRewardModel } from './model.ts';
import { surfaceNames } from './surface.ts';

/** Enough to score without Plaudit: the feature settings, and the surface features by name. */
const linearConfig = z.object({
  model_type: z.literal('plaudit_linear'),
  version: z.literal(1),
  hashing: z.object({
    tokens: z.literal('NFC; words, numbers and symbols; lower case'),
    token_hash: z.literal('FNV-1a 32 over UTF-16 code units'),
    bigram_hash: z.literal('imul(first, 0x9e3779b1) + second'),
    feature_hash: z.literal('MurmurHash3 fmix32(hash xor seed)'),
    unigram_seed: z.literal(0x3c6ef372),
    bigram_seed: z.literal(0xa54ff53a),
    column: z.literal('hash modulo dimension, sign from bit 31'),
    dimension: z.number().int().positive(),
    bigram_scale: z.number().nonnegative(),
    length_power: z.number().min(0).max(1),
  }),
  surface_features: z.array(z.string()),
});

const configFile = 'config.json';
const weightsFile = 'model.safetensors';

/** Tensor names in the file, by parameter. */
const tensorNames = {
  hashed: 'hashed.weight',
  surface: 'surface.weight',
  surfaceMean: 'surface.mean',
  surfaceStd: 'surface.std',
  bias: 'bias',
} as const;

type TensorField = keyof typeof tensorNames;
const tensorFields = Object.keys(tensorNames) as TensorField[];

/**
 * Writes the model's folder, each file whole or not at all and the card last: a folder with a card is complete.
 *
 * @throws output.disk_full, output.not_writable
 */
export const saveLinear = async (model: LinearRewardModel, directory: string): Promise<void> => {
  const { parameters, card } = model;
  const { dimension, bigramScale, lengthPower } = parameters.features;
  const config: z.infer<typeof linearConfig> = {
    model_type: 'plaudit_linear',
    version: 1,
    hashing: {
      tokens: 'NFC; words, numbers and symbols; lower case',
      token_hash: 'FNV-1a 32 over UTF-16 code units',
      bigram_hash: 'imul(first, 0x9e3779b1) + second',
      feature_hash: 'MurmurHash3 fmix32(hash xor seed)',
      unigram_seed: 0x3c6ef372,
      bigram_seed: 0xa54ff53a,
      column: 'hash modulo dimension, sign from bit 31',
      dimension,
      bigram_scale: bigramScale,
      length_power: lengthPower,
    },
    surface_features: [...surfaceNames],
  };
  const tensors = new Map(
    tensorFields.map((field): [string, TensorToWrite] => [
      tensorNames[field],
      { dtype: 'F32', shape: [parameters[field].length], data: parameters[field] },
    ]),
  );
  await writeSafetensors(join(directory, weightsFile), tensors);
  await writeFileAtomic(join(directory, configFile), `${JSON.stringify(config, null, 2)}\n`);
  await writeModelCard(directory, card);
};

/**
 * Opens a saved linear model. It scores bit for bit like the one that was saved.
 *
 * @throws reward.model_missing, reward.card_corrupt, reward.card_newer, reward.kind_mismatch, reward.weights_corrupt,
 *   model.* for a damaged weights file
 */
export const loadLinear = async (directory: string): Promise<LinearRewardModel> => {
  const card = await readModelCard(directory);
  if (card.kind !== 'linear')
    throw plauditError('reward.kind_mismatch', { path: directory, found: card.kind, expected: 'linear' });
  const checkpoint = await openCheckpoint(directory);
  const parsed = linearConfig.safeParse(checkpoint.config);
  const corrupt = (file: string, problem: string, cause?: unknown): Error =>
    plauditError('reward.weights_corrupt', { path: join(directory, file), problem }, cause);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'the document';
    throw corrupt(configFile, `${field} is missing or not what this version knows`, parsed.error);
  }
  const { hashing, surface_features: names } = parsed.data;
  if (names.join() !== surfaceNames.join())
    throw corrupt(configFile, 'its surface features are not those of this version');
  const width = surfaceNames.length;
  const lengths: Record<TensorField, number> = {
    hashed: hashing.dimension,
    surface: width,
    surfaceMean: width,
    surfaceStd: width,
    bias: 1,
  };
  const read = async (field: TensorField): Promise<Float32Array> => {
    const name = tensorNames[field];
    const shape = checkpoint.tensors.get(name)?.shape;
    if (shape === undefined) throw corrupt(weightsFile, `tensor ${name} is not there`);
    if (shape.length !== 1 || shape[0] !== lengths[field])
      throw corrupt(weightsFile, `tensor ${name} has shape [${shape}], not [${lengths[field]}]`);
    const values = await checkpoint.read(name);
    if (!values.every(Number.isFinite))
      throw corrupt(weightsFile, `tensor ${name} holds numbers that are not finite`);
    return values;
  };
  const parameters: LinearParameters = {
    features: {
      dimension: hashing.dimension,
      bigramScale: hashing.bigram_scale,
      lengthPower: hashing.length_power,
    },
    hashed: await read('hashed'),
    surface: await read('surface'),
    surfaceMean: await read('surfaceMean'),
    surfaceStd: await read('surfaceStd'),
    bias: await read('bias'),
  };
  if (!parameters.surfaceStd.every((std) => std > 0))
    throw corrupt(weightsFile, `tensor ${tensorNames.surfaceStd} holds a standard deviation of 0 or less`);
  return new LinearRewardModel(parameters, card);
};
