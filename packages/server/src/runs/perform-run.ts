/** @file A run from its record to its end: the work of its kind, whose every end is on record. */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PlauditError } from '@plaudit/contract';
import type { Artifacts, Store } from '@plaudit/store';
import { safeFileName } from '../data/uploaded-file.ts';
import { modelFolders } from '../serving/model-folders.ts';
import type { RunContext } from './kinds/context.ts';
import { makeJudgements } from './kinds/feedback-judgements.ts';
import { trainPolicyRun } from './kinds/policy-train.ts';
import { distilRun } from './kinds/reward-distil.ts';
import { trainRewardRun } from './kinds/reward-train.ts';
import { progressLog } from './progress-log.ts';
import { isJobKind, type JobKind, type RunConfig, runConfigs } from './training-plan.ts';

export interface PerformRunOptions {
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
  /** Told of an end that is no error of the table. Its message may hold what a row says. */
  readonly onFault?: (fault: Error) => void;
}

/** What was asked for from outside: the run ends as stopped. */
export const stopped = Symbol('stopped');

/** Each kind's work: it leaves nothing half-made, goes on from what an earlier attempt left, and records what it makes once. */
const works: { readonly [Kind in JobKind]: (context: RunContext, config: RunConfig<Kind>) => Promise<void> } =
  {
    'reward.train': trainRewardRun,
    'policy.train': trainPolicyRun,
    'reward.distil': distilRun,
    'feedback.judgements': makeJudgements,
  };

const work = <Kind extends JobKind>(kind: Kind, context: RunContext, config: unknown): Promise<void> =>
  works[kind](context, runConfigs[kind].parse(config) as RunConfig<Kind>);

/**
 * Does the run. Every end of the work itself is on record; what is thrown is what keeps the run from being recorded, and a
 * shutdown: then it is to be taken up again.
 */
export const performRun = async (options: PerformRunOptions): Promise<void> => {
  const { store, artifacts, run, resume, signal } = options;
  const { state, kind, name, config } = await store.runs.get(run);
  if (state === 'finished' || (!resume && (state === 'stopped' || state === 'failed'))) return;
  if (!isJobKind(kind)) throw new RangeError('a run of this kind is no job');
  await store.runs.start(run);
  options.onStarted?.();
  const folder = resolve(options.folder);
  const running = join(folder, 'running', run);
  const log = progressLog(store, run);
  const context: RunContext = {
    ...{ store, artifacts, folder, run, name, running, signal, log },
    out: join(folder, 'models', `${safeFileName(name)}-${run}`),
    folderOf: modelFolders(artifacts, join(folder, 'served')),
  };
  try {
    await work(kind, context, config).finally(() => log.end());
    await store.runs.end(run, { state: 'finished' });
  } catch (error) {
    if (signal.aborted && signal.reason !== stopped) throw error;
    // It was ended by whoever stopped it.
    if (signal.aborted) return;
    if (!(error instanceof PlauditError))
      options.onFault?.(error instanceof Error ? error : new Error('no error'));
    await store.runs.end(run, { state: 'failed', error: reasonOf(error) });
  } finally {
    await rm(running, { recursive: true, force: true });
  }
};

/** Text of the error table only: others may hold what a row says. */
const reasonOf = (error: unknown): string =>
  error instanceof PlauditError
    ? error.message
    : `A fault in Plaudit (${error instanceof Error ? error.name : 'unknown'}); the log of the server says more.`;
