/** @file A proxy distilled from a registered reward model: it answers in that one's place where an answer has to be quick. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DistillationDocument, distilRewardModel, type TrainingSettings } from '@plaudit/reward';
import type { RunConfig } from '../training-plan.ts';
import { finishedDocument, located, type RunContext, registerModel, snapshotRows } from './context.ts';

export const distilRun = async (context: RunContext, plan: RunConfig<'reward.distil'>): Promise<void> => {
  const { out, signal, log } = context;
  const { rows, from } = await snapshotRows(context, plan);
  const document =
    (await finishedDocument<DistillationDocument>(context)) ?? (await distil(context, plan, rows));
  const { kind, fidelity, test, besideTeacher, data, createdBy } = document;
  log.log(
    Object.entries({
      'teacher/agreement': fidelity.agreement,
      'teacher/kendall_tau': fidelity.kendallTau,
      ...(fidelity.correlation !== null && { 'teacher/correlation': fidelity.correlation }),
      ...(test && { 'test/accuracy': test.accuracy, 'test/ece': test.ece, 'test/brier': test.brier }),
    }).map(([name, value]) => ({ name, step: 0, value })),
  );
  signal.throwIfAborted();
  await registerModel(context, 'reward', {
    ...{ folder: out, kind, ...from, pairs: data.pairs, test, createdBy },
    ...{ distilledFrom: plan.teacher, fidelity, besideTeacher },
  });
};

const distil = async (
  context: RunContext,
  { teacher, model, seed, fractions, settings, snapshot }: RunConfig<'reward.distil'>,
  rows: string,
): Promise<DistillationDocument> => {
  const { store, running, out, signal, log } = context;
  await mkdir(dirname(out), { recursive: true });
  const responses = join(running, 'responses.jsonl');
  await pipeline(
    Readable.from(storedResponses(store.prompts.ofSnapshot(snapshot))),
    createWriteStream(responses, { mode: 0o600 }),
  );
  return distilRewardModel({
    ...{ teacher: await located(context, teacher), data: [rows], format: 'plaudit', responses: [responses] },
    ...{ kind: model, out, seed, fractions, signal },
    settings: {
      ...settings,
      ...(settings.base !== undefined && { base: await located(context, settings.base) }),
    } as TrainingSettings,
    resume: 'where-possible',
    overwrite: true,
    onProgress: log.report,
  });
};

/** Every response that is stored of each prompt, those that nobody judged among them, a line a prompt. */
async function* storedResponses(
  prompts: AsyncIterable<{ readonly prompt: unknown; readonly responses: readonly string[] }>,
): AsyncGenerator<string> {
  for await (const { prompt, responses } of prompts)
    if (responses.length > 0) yield `${JSON.stringify({ prompt, responses })}\n`;
}
