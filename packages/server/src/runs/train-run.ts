/** @file A training run from its record to its end: rows out of the snapshot, the model, its files and metrics. */

import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PlauditError } from '@plaudit/contract';
import { writeJudgements } from '@plaudit/feedback';
import { type TrainingDocument, type TrainingSettings, trainRewardModel } from '@plaudit/reward';
import { type Artifacts, attachFolder, gatesOf, requireGates, type Store } from '@plaudit/store';
import { safeFileName } from '../data/uploaded-file.ts';
import { progressLog } from './progress-log.ts';
import { runConfig } from './training-plan.ts';

export interface TrainRunOptions {
  readonly store: Store;
  readonly artifacts: Artifacts;
  /** Of the store. */
  readonly folder: string;
  readonly run: string;
  /** Also begins one that was stopped or failed; otherwise that stays as it is. */
  readonly resume: boolean;
  /** Why it is aborted decides what becomes of the run: `stopped` ends it, anything else leaves it to be taken up again. */
  readonly signal: AbortSignal;
  /** Called once the run is on record as running. */
  readonly onStarted?: () => void;
}

/** What was asked for from outside: the run ends as stopped. */
export const stopped = Symbol('stopped');

/**
 * Trains. Every end of the training itself is on record; what is thrown is what keeps the run from being recorded, and a
 * shutdown: then it is to be taken up again.
 */
export const trainRun = async (options: TrainRunOptions): Promise<void> => {
  const { store, run, resume, signal } = options;
  const { state, name, config } = await store.runs.get(run);
  if (state === 'finished' || (!resume && (state === 'stopped' || state === 'failed'))) return;
  await store.runs.start(run);
  options.onStarted?.();
  const running = resolve(options.folder, 'running', run);
  try {
    const plan = runConfig.parse(config);
    const snapshot = await store.snapshots.get(plan.snapshot);
    const gates = await gatesOf(store, snapshot, { signal });
    requireGates(gates, plan.snapshot, plan.despiteGates);
    await mkdir(running, { recursive: true, mode: 0o700 });
    // The same path for the same run: one that is resumed finds the data that it began with.
    const rows = join(running, 'rows.jsonl');
    await writeJudgements(rows, store.snapshots.rows(snapshot.id));
    const out = resolve(options.folder, 'models', `${safeFileName(name)}-${run}`);
    await mkdir(resolve(options.folder, 'models'), { recursive: true });
    const log = progressLog(store, run);
    const { model, seed, fractions, limitPairs, settings } = plan;
    const document = await trainRewardModel({
      ...{ data: [rows], format: 'plaudit', kind: model, out, seed, fractions, signal },
      ...(limitPairs !== undefined && { limitPairs }),
      settings: located(settings as TrainingSettings, options.folder),
      resume: 'where-possible',
      overwrite: true,
      onProgress: log.report,
    }).finally(() => log.end());
    await record(options, name, out, document, { snapshot: snapshot.id, failedGates: gates.blocking });
    await store.runs.end(run, { state: 'finished' });
  } catch (error) {
    if (signal.aborted && signal.reason !== stopped) throw error;
    // It was ended by whoever stopped it.
    if (signal.aborted) return;
    await store.runs.end(run, { state: 'failed', error: reasonOf(error) });
  } finally {
    await rm(running, { recursive: true, force: true });
  }
};

/** A base of the store's own is a path from here on. */
const located = (settings: TrainingSettings, folder: string): TrainingSettings =>
  settings.base?.startsWith('models/') ? { ...settings, base: resolve(folder, settings.base) } : settings;

/** Text of the error table only: others may hold what a row says. */
const reasonOf = (error: unknown): string =>
  error instanceof PlauditError
    ? error.message
    : `A fault in Plaudit (${error instanceof Error ? error.name : 'unknown'}); the log of the server says more.`;

/** The numbers on unseen prompts, the model, and its files in the artifact store. Once, also where it is done again. */
const record = async (
  { store, artifacts, run }: TrainRunOptions,
  name: string,
  out: string,
  document: TrainingDocument,
  from: { readonly snapshot: string; readonly failedGates: readonly string[] },
): Promise<void> => {
  const { test, data } = document;
  const numbers = { 'test/accuracy': test.accuracy, 'test/ece': test.ece, 'test/brier': test.brier };
  await store.metrics.log(
    run,
    Object.entries(numbers).map(([metric, value]) => ({ name: metric, step: 0, value })),
  );
  const made = (await store.lineage.downstream({ run })).models;
  const card = {
    folder: out,
    kind: document.kind,
    ...from,
    pairs: data.pairs,
    test,
    createdBy: document.createdBy,
  };
  const id = made[0] ?? (await store.models.register({ name, role: 'reward', run, card })).id;
  await attachFolder(store, artifacts, id, out);
};
