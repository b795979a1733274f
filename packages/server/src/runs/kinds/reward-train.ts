/** @file A reward model, or an ensemble of them, trained on a snapshot: the model, its files and its numbers on record. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type EnsembleDocument,
  readModelCard,
  type TrainingDocument,
  type TrainingSettings,
  trainEnsemble,
  trainRewardModel,
} from '@plaudit/reward';
import type { RunConfig } from '../training-plan.ts';
import { finishedDocument, located, type RunContext, registerModel, snapshotRows } from './context.ts';

export const trainRewardRun = async (context: RunContext, plan: RunConfig<'reward.train'>): Promise<void> => {
  const { out, signal, log } = context;
  const { rows, from } = await snapshotRows(context, plan);
  const document =
    (await finishedDocument<TrainingDocument | EnsembleDocument>(context)) ??
    (await train(context, plan, rows));
  const { test } = document;
  if (test)
    log.log(
      Object.entries({ accuracy: test.accuracy, ece: test.ece, brier: test.brier }).map(([name, value]) => ({
        ...{ name: `test/${name}`, step: 0, value },
      })),
    );
  signal.throwIfAborted();
  const { data, kind, createdBy } = await readModelCard(out);
  await registerModel(context, 'reward', {
    ...{ folder: out, kind, ...from, pairs: data.pairs, test, createdBy },
    ...(plan.members !== undefined && { members: plan.members }),
  });
};

const train = async (
  context: RunContext,
  { model, seed, fractions, limitPairs, members, settings }: RunConfig<'reward.train'>,
  rows: string,
): Promise<TrainingDocument | EnsembleDocument> => {
  const { out, signal, log } = context;
  await mkdir(dirname(out), { recursive: true });
  const options = {
    ...{ data: [rows], format: 'plaudit', kind: model, out, seed, fractions, signal },
    ...(limitPairs !== undefined && { limitPairs }),
    settings: {
      ...settings,
      ...(settings.base !== undefined && { base: await located(context, settings.base) }),
    } as TrainingSettings,
    resume: 'where-possible' as const,
    overwrite: true,
    onProgress: log.report,
  };
  return members === undefined ? trainRewardModel(options) : trainEnsemble({ ...options, members });
};
