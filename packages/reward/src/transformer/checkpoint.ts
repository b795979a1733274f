/** @file Checkpoints of a run: all that training continues from, in one file that is written whole or not at all. */
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import type { ParameterSnapshot, ParameterState } from '@plaudit/engine';
import { readSafetensorsHeader, readTensor, type TensorToWrite, writeSafetensors } from '@plaudit/models';
import { z } from 'zod';

/** A point of the learning curve, one for each update. */
const trainingRecord = z.object({
  step: z.number(),
  /** Mean loss of the update's comparisons, nats. */
  loss: z.number(),
  accuracy: z.number().optional(),
  learningRate: z.number(),
  gradientNorm: z.number(),
  tokens: z.number(),
  seconds: z.number(),
  validationLoss: z.number().optional(),
  validationAccuracy: z.number().optional(),
});
export type TransformerRecord = z.infer<typeof trainingRecord>;

/** What every run keeps beside its values. */
export const keptState = z.object({
  /** Updates done. */
  step: z.number().int().nonnegative(),
  /** Updates of each value. */
  updates: z.record(z.string(), z.number()),
  /** Of the configuration, the data and the seed: a checkpoint of another run is refused. */
  fingerprint: z.string(),
});
type KeptState = z.infer<typeof keptState>;

export const runState = keptState.extend({
  records: z.array(trainingRecord),
  best: z.object({ step: z.number(), validationLoss: z.number() }).nullable(),
  /** Evaluations since the best. */
  stale: z.number().int().nonnegative(),
});
export type RunState = z.infer<typeof runState>;

const lastFile = 'last.safetensors';
const bestFile = 'best.safetensors';

/** Identifies a run by all that decides its result. */
export const runFingerprint = (parts: unknown): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

const tensor = (shape: readonly number[], data: Float32Array): TensorToWrite => ({
  dtype: 'F32',
  shape,
  data,
});

/** Writes the state from which training continues to the bit. */
export const saveLast = async (
  folder: string,
  snapshot: ParameterSnapshot,
  state: KeptState,
): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const tensors = new Map<string, TensorToWrite>();
  for (const [name, { shape, value, firstMoment, secondMoment }] of Object.entries(snapshot.parameters)) {
    tensors.set(`value:${name}`, tensor(shape, value));
    if (firstMoment) tensors.set(`first:${name}`, tensor(shape, firstMoment));
    if (secondMoment) tensors.set(`second:${name}`, tensor(shape, secondMoment));
  }
  await writeSafetensors(join(folder, lastFile), tensors, { state: JSON.stringify(state) });
};

/** Writes the values of the best evaluation so far. */
export const saveBest = async (folder: string, snapshot: ParameterSnapshot): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const tensors = Object.entries(snapshot.parameters).map(
    ([name, { shape, value }]) => [`value:${name}`, tensor(shape, value)] as const,
  );
  await writeSafetensors(join(folder, bestFile), new Map(tensors));
};

/**
 * Reads the newest checkpoint of a folder; null where there is none.
 *
 * @param schema Of the state that was saved with it
 * @throws reward.checkpoint_other for a checkpoint of another run, model.corrupt for a damaged one
 */
export const readLast = async <State extends KeptState>(
  folder: string,
  fingerprint: string,
  schema: z.ZodType<State>,
): Promise<{ readonly snapshot: ParameterSnapshot; readonly state: State } | null> => {
  const path = join(folder, lastFile);
  const found = await stat(path).catch(() => null);
  if (!found) return null;
  const file = await readSafetensorsHeader(path);
  const parsed = schema.safeParse(parsedJson(file.metadata.get('state')));
  if (!parsed.success || parsed.data.fingerprint !== fingerprint) {
    throw plauditError('reward.checkpoint_other', { path });
  }
  const state = parsed.data;
  const parameters: Record<string, ParameterState> = {};
  const read = async (name: string): Promise<Float32Array | null> => {
    const entry = file.tensors.get(name);
    return entry ? readTensor(entry) : null;
  };
  for (const [key, { shape }] of file.tensors) {
    if (!key.startsWith('value:')) continue;
    const name = key.slice('value:'.length);
    parameters[name] = {
      shape,
      value: (await read(key))!,
      firstMoment: await read(`first:${name}`),
      secondMoment: await read(`second:${name}`),
      updates: state.updates[name] ?? 0,
    };
  }
  return { snapshot: { step: state.step, parameters }, state };
};

/** The values of the best evaluation, as a snapshot that scores. */
export const readBest = async (folder: string): Promise<Map<string, Float32Array>> => {
  const file = await readSafetensorsHeader(join(folder, bestFile));
  const values = new Map<string, Float32Array>();
  for (const [key, entry] of file.tensors) values.set(key.slice('value:'.length), await readTensor(entry));
  return values;
};

const parsedJson = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
};
