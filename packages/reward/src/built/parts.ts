/** @file Models made of saved models: references to their folders that notice a change, or copies. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import { type ModelCard, modelCardFile, type RewardModel, type ScoreOptions, trainedOn } from '../model.ts';
import { type BuildOptions, type LoadOptions, loadRewardModel } from '../run/kinds.ts';
import { readCard } from '../run/reading.ts';
import { spread } from '../validation/spread.ts';
import { isMeasured } from './card.ts';
import { refuseField } from './specification.ts';

/** A part as the card of the whole carries it. */
export const partReference = z.strictObject({
  name: z.string().min(1),
  /** Its folder, from the whole's. */
  path: z.string().min(1),
  /** Of its card. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Whether the folder is a copy inside the whole's. */
  embedded: z.boolean(),
  /** Subtracted from and dividing its rewards; null takes them as they are. */
  normaliser: z.strictObject({ mean: z.number(), std: z.number().positive() }).nullable(),
});
export type PartReference = z.infer<typeof partReference>;

/** A part as a specification names it. */
export interface PartRequest {
  readonly name: string;
  /** Where its folder lies now: absolute. */
  readonly directory: string;
  readonly normalise: boolean;
  /** The field of the specification, for messages. */
  readonly field: string;
}

/** What a run leaves beside a model; it quotes data, and no model needs it. */
const runFiles = new Set([
  'report.html',
  'report.json',
  'training.jsonl',
  'test-scores.jsonl',
  'rejects.jsonl',
  'checkpoints',
  'run.json',
]);

const posix = (path: string): string => path.split(sep).join('/');

const digestOfCard = async (directory: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(join(directory, modelCardFile)))
    .digest('hex');

export interface PlacedPart {
  readonly reference: PartReference;
  readonly card: ModelCard;
}

/**
 * References to parts, from the folder that the whole will have.
 *
 * @throws reward.bad_specification for a part that cannot be copied or has no normaliser; reward.* for one that cannot be
 *   opened
 */
export const placePart = async (
  request: PartRequest,
  at: number,
  embed: boolean,
  options: BuildOptions,
): Promise<PlacedPart> => {
  const { name, directory, normalise, field } = request;
  const within = posix(relative(options.directory, directory));
  const inside = within !== '' && !within.startsWith('..') && !isAbsolute(within);
  const card = await readCard(directory);
  const { specification } = options;
  const copied = embed && !inside;
  if (copied) {
    if (referencesOf(card).some(({ embedded }) => !embedded))
      refuseField(
        specification,
        field,
        'it refers to other models by their paths, and a copy would not find them: build it with embed first',
      );
    const target = join(options.directory, 'parts', String(at));
    await mkdir(target, { recursive: true });
    await cp(directory, target, {
      recursive: true,
      filter: (source) => !runFiles.has(relative(directory, source)),
    });
  }
  const path = inside ? within : copied ? `parts/${at}` : posix(relative(resolve(options.out), directory));
  return {
    card,
    reference: {
      name,
      path: path || '.',
      sha256: await digestOfCard(directory),
      embedded: inside || copied,
      normaliser: normalise ? await normaliserOf(request, card, options) : null,
    },
  };
};

/** The references in the card of a composite or an ensemble; none in that of another model. */
const referencesOf = ({ configuration }: ModelCard): readonly PartReference[] => {
  const found = z.array(partReference.loose()).safeParse(configuration.parts ?? configuration.members);
  return found.success ? (found.data as unknown as PartReference[]) : [];
};

/** The part's own normaliser, or else one that is measured on the data of the build. */
const normaliserOf = async (
  { directory, field }: PartRequest,
  card: ModelCard,
  options: BuildOptions,
): Promise<ModelCard['normaliser']> => {
  if (isMeasured(card)) return card.normaliser;
  if (options.calibration === null)
    return refuseField(
      options.specification,
      field,
      'its rewards have no known mean and spread: give --data to measure them, or set "normalise" to "none"',
    );
  const { calibration: trees, signal, onProgress } = options;
  const model = await loadRewardModel(directory, { ...options, keepFeatures: true });
  try {
    const scores = await model.score(trees, {
      ...(signal && { signal }),
      ...(onProgress && {
        onProgress: (step, totalSteps) => onProgress({ phase: 'measure', step, totalSteps }),
      }),
    });
    return spread(scores.flat().map(({ reward }) => reward));
  } finally {
    await model.close();
  }
};

/** What the whole's card says about its parts. */
export const lineageOf = (placed: readonly PlacedPart[]): NonNullable<ModelCard['lineage']['parts']> =>
  placed.map(({ reference: { name, sha256 }, card }) => ({
    name,
    kind: card.kind,
    sha256,
    trainedOn: trainedOn(card),
  }));

/**
 * Opens the parts of a saved model, in order. When one cannot be opened, those before it are closed.
 *
 * @throws reward.part_missing, reward.part_changed, or what opening a part throws
 */
export const openParts = async (
  references: readonly PartReference[],
  directory: string,
  options: LoadOptions,
): Promise<RewardModel[]> => {
  const open: RewardModel[] = [];
  try {
    for (const { name, path, sha256 } of references) {
      const place = resolve(directory, path);
      const found = await digestOfCard(place).catch((cause) => {
        throw plauditError('reward.part_missing', { part: name, path: directory, place }, cause);
      });
      if (found !== sha256) throw plauditError('reward.part_changed', { part: name, path: directory, place });
      open.push(await loadRewardModel(place, options));
    }
    return open;
  } catch (error) {
    await closeAll(open);
    throw error;
  }
};

export const closeAll = async (models: readonly RewardModel[]): Promise<void> => {
  await Promise.all(models.map((model) => model.close()));
};

/** Options for one of several models that score the same items one after the other: progress over all of them. */
export const shareOf = (options: ScoreOptions, at: number, count: number): ScoreOptions => {
  const { onProgress } = options;
  return onProgress
    ? {
        ...options,
        onProgress: (done, total) => onProgress(Math.floor((at * total + done) / count), total),
      }
    : options;
};

export const normalised = (reward: number, { normaliser }: PartReference): number =>
  normaliser === null ? reward : (reward - normaliser.mean) / normaliser.std;
