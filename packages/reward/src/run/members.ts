/** @file Training an ensemble: the same run with several seeds, its members inside the folder of the whole. */
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';
import { sourceFiles, splitByPrompt } from '@plaudit/feedback';
import { readModelCard } from '../model.ts';
import { type BuildDocument, finishBuild, openingOptions, type Sides } from './finish-build.ts';
import { builtRewardModelKind } from './kinds.ts';
import { openStaging, type RunIdentity, requireFree, type Staging, writing } from './output-folder.ts';
import { readPreferenceData, sha256OfFile } from './preference-data.ts';
import {
  interrupted,
  type TrainingDocument,
  type TrainRewardModelOptions,
  trainRewardModel,
} from './train.ts';

/** An ensemble that was trained, and how good each member is alone. */
export interface EnsembleDocument extends BuildDocument {
  readonly members: readonly Pick<TrainingDocument, 'seed' | 'test' | 'cost'>[];
}

/**
 * Trains members with the seeds seed, seed + 1 and so on, all on the same split, and saves their mean as one model. A run
 * that stops early leaves the members that are whole, and the checkpoints of the one that is not.
 *
 * @throws As `trainRewardModel`
 */
export const trainEnsemble = async (
  options: TrainRewardModelOptions & { readonly members: number },
): Promise<EnsembleDocument> => {
  const started = performance.now();
  const { members: count, out, seed = 0, overwrite = false, resume = false, signal } = options;
  if (count < 2)
    throw plauditError('reward.bad_configuration', {
      setting: 'members',
      problem: 'an ensemble has at least 2',
    });
  await requireFree(out, overwrite);
  let staging: Staging | undefined;
  try {
    staging = await openStaging(out, await identityOf(options), { overwrite, resume });
    const { path } = staging;
    const documents: TrainingDocument[] = [];
    for (let member = 0; member < count; member++)
      documents.push(await trainMember(staging, options, member));
    await mkdir(join(path, 'members'), { recursive: true });
    for (const [member] of documents.entries()) {
      const { made, placed } = foldersOf(staging, member);
      if (await isThere(made)) await rename(made, placed);
    }

    const specification = { members: documents.map((_, i) => `members/${i + 1}`) };
    const ensemble = await builtRewardModelKind('ensemble');
    await writing(out, () =>
      ensemble.build(specification, {
        directory: path,
        out,
        specification: out,
        folder: path,
        seed,
        calibration: null,
      }),
    );
    const sides = await sidesOf(options, join(path, 'members', '1'), seed);
    const document = await finishBuild(path, {
      ...openingOptions({ ...options.settings, ...options } as Parameters<typeof openingOptions>[0]),
      out,
      seed,
      started,
      sides,
    });
    signal?.throwIfAborted();
    await staging.publish();
    const members = documents.map(({ seed: own, test, cost }) => ({ seed: own, test, cost }));
    return { ...document, members };
  } catch (error) {
    const kept = (await staging?.abandon()) ?? false;
    const ofOutput = error instanceof PlauditError && error.code.startsWith('output.');
    throw signal?.aborted && !ofOutput ? interrupted(out, kept, error) : error;
  }
};

/** A member is made among the checkpoints, which a run that is taken up again finds, and placed when all are whole. */
const foldersOf = ({ path, checkpoints }: Staging, member: number) => ({
  made: join(checkpoints, String(member + 1)),
  placed: join(path, 'members', String(member + 1)),
});

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const trainMember = async (
  staging: Staging,
  options: TrainRewardModelOptions & { readonly members: number },
  member: number,
): Promise<TrainingDocument> => {
  const { members: count, seed = 0, onProgress } = options;
  const { made, placed } = foldersOf(staging, member);
  for (const folder of [placed, made])
    if (await isThere(folder))
      return JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as TrainingDocument;
  return trainRewardModel({
    ...options,
    out: made,
    seed: seed + member,
    splitSeed: seed,
    resume: staging.resumed ? 'where-possible' : false,
    overwrite: true,
    ...(onProgress && {
      onProgress: (progress) =>
        onProgress({ ...progress, phase: `${member + 1}/${count} ${progress.phase}` }),
    }),
  });
};

/** Where the base lies and where it computes may change between two parts of a run. */
const identityOf = async (
  options: TrainRewardModelOptions & { readonly members: number },
): Promise<RunIdentity> => {
  const { data, kind, members, seed = 0, format, fractions, limitPairs, annotatorWeights, signal } = options;
  const { base: _, provider: _provider, threads: _threads, ...decisive } = options.settings ?? {};
  const digests: string[] = [];
  for (const path of await sourceFiles(data)) digests.push(await sha256OfFile(path, signal));
  return {
    kind: 'ensemble',
    seed,
    data: digests,
    settings: { ...decisive, ...{ kind, members, format, fractions, limitPairs, annotatorWeights } },
  };
};

/** The sides that no member was trained on: validation calibrates the whole, and the test measures it. */
const sidesOf = async (
  { data: paths, format, fractions = {}, signal }: TrainRewardModelOptions,
  member: string,
  seed: number,
): Promise<Sides> => {
  const data = await readPreferenceData(paths, {
    ...(format !== undefined && { format }),
    ...(signal && { signal }),
  });
  const { validation = 0.1, test = 0.2 } = fractions;
  const split = splitByPrompt(data.trees, { seed, validation, test });
  const card = await readModelCard(member);
  return {
    data,
    calibration: split.validation,
    test: split.test,
    clusters: split.cluster,
    fractions: card.data.split.fractions,
    pairs: card.data.pairs,
    heldBack: true,
  };
};
