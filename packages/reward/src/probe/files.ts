/** @file The folder of a saved probe: `head.safetensors`, `config.json` with the name of its base, `plaudit.json`. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import {
  locateCheckpoint,
  locateHubOrigin,
  readSafetensorsHeader,
  readTensor,
  type TensorToWrite,
  writeFileAtomic,
  writeSafetensors,
} from '@plaudit/models';
import { z } from 'zod';
import { type ModelCard, modelCardFile, readModelCard, writeModelCard } from '../model.ts';
import type { LoadOptions } from '../run/kinds.ts';
import { type Base, openLocatedBase } from '../transformer/base.ts';
import { providerOf } from '../transformer/configuration.ts';
import { featureCacheOptions } from './cache/room.ts';
import { type ProbeConfiguration, probeConfiguration, wantsPrompts } from './configuration.ts';
import { FeatureSource, featureSize } from './features.ts';
import { type HeadMap, mapWidth } from './map.ts';
import { ProbeRewardModel } from './model.ts';
import type { ProbeParameters } from './parameters.ts';

const weightsFile = 'head.safetensors';
const configFile = 'config.json';

/** What another program needs to know to use the head. */
const probeConfig = z.object({
  model_type: z.literal('plaudit_probe'),
  version: z.literal(1),
  /** A path or the name of a model of the Hub, its revision there, and the SHA-256 of its checkpoint. */
  base: z.object({ name: z.string(), revision: z.string().optional(), sha256: z.string() }),
  feature_size: z.number().int().positive(),
  map: z.enum(['linear', 'diagonal', 'low-rank', 'mlp']),
});

/** The tensors of a probe, by name, with their shapes. */
const shapesOf = (
  { plan, hidden, rank }: ProbeConfiguration,
  map: HeadMap['kind'],
  size: number,
  width: number,
  prompts: boolean,
): Record<string, readonly number[]> => {
  const heads = plan.heads.length;
  const gated = plan.gate?.over.length ?? 0;
  return {
    'response.mean': [size],
    'response.deviation': [size],
    ...(prompts && { 'prompt.mean': [size], 'prompt.deviation': [size] }),
    ...(map === 'mlp' && { 'map.weight': [hidden!, size], 'map.bias': [hidden!] }),
    ...(map === 'low-rank' && { 'map.prompt': [rank!, size], 'map.response': [rank!, size] }),
    'head.weight': [heads, width],
    'head.bias': [heads],
    ...(gated > 0 && { 'gate.weight': [gated, size], 'gate.bias': [gated] }),
    'posterior.centre': [width],
    'posterior.factor': [heads, width, width],
  };
};

const tensorsOf = ({
  standards,
  map,
  weight,
  bias,
  gate,
  centre,
  factors,
}: ProbeParameters): Record<string, Float32Array> => ({
  'response.mean': standards.response.mean,
  'response.deviation': standards.response.deviation,
  ...(standards.prompt && {
    'prompt.mean': standards.prompt.mean,
    'prompt.deviation': standards.prompt.deviation,
  }),
  ...(map.kind === 'mlp' && { 'map.weight': map.weight, 'map.bias': map.bias }),
  ...(map.kind === 'low-rank' && { 'map.prompt': map.prompt, 'map.response': map.response }),
  'head.weight': weight,
  'head.bias': bias,
  ...(gate && { 'gate.weight': gate.weight, 'gate.bias': gate.bias }),
  'posterior.centre': centre,
  'posterior.factor': factors,
});

/** The kind of a head's map. */
const mapKindOf = ({ head, rank }: ProbeConfiguration): HeadMap['kind'] =>
  head === 'linear' ? 'linear' : head === 'mlp' ? 'mlp' : rank === null ? 'diagonal' : 'low-rank';

const widthOf = ({ hidden, rank }: ProbeConfiguration, map: HeadMap['kind'], size: number): number =>
  size + { linear: 0, diagonal: size, 'low-rank': rank ?? 0, mlp: hidden ?? 0 }[map];

/**
 * Writes the probe, each file whole or not at all and the card last.
 *
 * @throws output.disk_full, output.not_writable
 */
export const saveProbe = async (model: ProbeRewardModel, directory: string): Promise<void> => {
  const { base, configuration, parameters } = model.parts;
  await mkdir(directory, { recursive: true });
  const { map } = parameters;
  const size = parameters.standards.response.mean.length;
  const shapes = shapesOf(
    configuration,
    map.kind,
    size,
    mapWidth(map, size),
    parameters.standards.prompt !== null,
  );
  const tensors = new Map(
    Object.entries(tensorsOf(parameters)).map(([name, data]): [string, TensorToWrite] => [
      name,
      { dtype: 'F32', shape: shapes[name]!, data },
    ]),
  );
  await writeSafetensors(join(directory, weightsFile), tensors);
  const { hub, path, digest } = base;
  const config: z.infer<typeof probeConfig> = {
    model_type: 'plaudit_probe',
    version: 1,
    base: { name: hub?.id ?? path!, ...(hub && { revision: hub.commit }), sha256: digest! },
    feature_size: size,
    map: map.kind,
  };
  await writeFileAtomic(join(directory, configFile), `${JSON.stringify(config, null, 2)}\n`);
  await writeModelCard(directory, model.card);
};

const corrupt = (directory: string, file: string, problem: string, cause?: unknown): Error =>
  plauditError('reward.weights_corrupt', { path: join(directory, file), problem }, cause);

const readConfig = async (directory: string): Promise<z.infer<typeof probeConfig>> => {
  const text = await readFile(join(directory, configFile), 'utf8').catch((error: unknown) => {
    throw corrupt(directory, configFile, 'it cannot be read', error);
  });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw corrupt(directory, configFile, 'it is not valid JSON', error);
  }
  const parsed = probeConfig.safeParse(document);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') || 'the document';
  throw corrupt(directory, configFile, `${field} is missing or not what this version knows`, parsed.error);
};

const readParameters = async (
  directory: string,
  configuration: ProbeConfiguration,
  size: number,
): Promise<ProbeParameters> => {
  const path = join(directory, weightsFile);
  const kind = mapKindOf(configuration);
  const width = widthOf(configuration, kind, size);
  const { tensors } = await readSafetensorsHeader(path);
  const values: Record<string, Float32Array> = {};
  const shapes = shapesOf(configuration, kind, size, width, wantsPrompts(configuration));
  for (const [name, shape] of Object.entries(shapes)) {
    const entry = tensors.get(name);
    if (!entry) throw corrupt(directory, weightsFile, `${name} is missing`);
    if (entry.shape.join() !== shape.join())
      throw corrupt(directory, weightsFile, `${name} is [${entry.shape}] and not [${shape}]`);
    values[name] = await readTensor(entry);
    if (!values[name].every(Number.isFinite))
      throw corrupt(directory, weightsFile, `${name} has values that are not finite`);
  }
  const value = (name: string): Float32Array => values[name]!;
  const standard = (part: string) => {
    const deviation = value(`${part}.deviation`);
    if (!deviation.every((one) => one > 0))
      throw corrupt(directory, weightsFile, `${part}.deviation has values of 0 or less`);
    return { mean: value(`${part}.mean`), deviation };
  };
  const map: HeadMap =
    kind === 'mlp'
      ? { kind, units: configuration.hidden!, weight: value('map.weight'), bias: value('map.bias') }
      : kind === 'low-rank'
        ? {
            kind,
            rank: configuration.rank!,
            prompt: value('map.prompt'),
            response: value('map.response'),
          }
        : { kind };
  return {
    standards: {
      response: standard('response'),
      prompt: wantsPrompts(configuration) ? standard('prompt') : null,
    },
    map,
    weight: value('head.weight'),
    bias: value('head.bias'),
    gate: configuration.plan.gate && { weight: value('gate.weight'), bias: value('gate.bias') },
    centre: value('posterior.centre'),
    factors: value('posterior.factor'),
  };
};

/** @throws reward.card_corrupt naming the field */
const configurationOf = (card: ModelCard, directory: string): ProbeConfiguration => {
  const parsed = probeConfiguration.safeParse(card.configuration);
  if (parsed.success) return parsed.data;
  throw plauditError('reward.card_corrupt', {
    path: join(directory, modelCardFile),
    problem: `configuration.${parsed.error.issues[0]?.path.join('.')} is missing or wrong`,
  });
};

/**
 * Opens a saved probe. Unless told it keeps nothing in the cache of features, and looks nothing up there.
 *
 * @throws reward.*, model.*; `reward.base_changed` when the base is not the checkpoint that it was trained on
 */
export const loadProbe = async (directory: string, options: LoadOptions): Promise<ProbeRewardModel> => {
  const card = await readModelCard(directory);
  if (card.kind !== 'probe')
    throw plauditError('reward.kind_mismatch', { path: directory, found: card.kind, expected: 'probe' });
  const configuration = configurationOf(card, directory);
  const { base: reference } = await readConfig(directory);
  const located =
    options.base !== undefined
      ? await locateCheckpoint(options.base)
      : card.lineage.hub
        ? await locateHubOrigin(card.lineage.hub)
        : await locateCheckpoint(reference.name);
  const base: Base = await openLocatedBase(located, configuration.maxLength);
  if (base.digest !== card.lineage.base)
    throw plauditError('reward.base_changed', { path: directory, base: located.path });
  if (base.formatter.digest !== card.formattingDigest)
    throw plauditError('reward.formatting_changed', { path: directory });
  const parameters = await readParameters(directory, configuration, featureSize(base, configuration));
  const features = new FeatureSource(base, {
    ...configuration,
    provider: providerOf(options.provider ?? 'cpu'),
    threads: options.threads ?? null,
    prompts: wantsPrompts(configuration),
    cache: options.keepFeatures ? featureCacheOptions() : null,
  });
  try {
    // The base opens now, so that a fault shows here and the first score takes no longer than the next. What is kept may
    // not need it.
    if (!options.keepFeatures) await features.warm();
    return new ProbeRewardModel({ base, features, configuration, parameters }, card);
  } catch (error) {
    await features.close();
    throw error;
  }
};
