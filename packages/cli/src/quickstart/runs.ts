/** @file Runs of the server, started once each and followed until they have ended. */
import { plauditError } from '@plaudit/contract';
import type { Input, Result } from '@plaudit/sdk';
import type { Quickstart } from './step.ts';

type RunPlan = Input<'startRun'>['body'];
type Run = Result<'getRun'>;

const lookEvery = 400;

/** Starts a run, or finds the one that was started before. @returns Its id */
export const startedRun = (quick: Quickstart, plan: RunPlan): Promise<string> =>
  quick.once(`run ${plan.name}`, async () => {
    const { project } = quick;
    const engineer = quick.as('engineer');
    // One that was started when the quickstart was killed before it could write that down.
    const { runs } = await engineer.call('listRuns', { params: { project }, query: { limit: 100 } });
    const known = runs.find(({ name }) => name === plan.name);
    return (known ?? (await engineer.call('startRun', { params: { project }, body: plan }))).id;
  });

export interface Trained {
  readonly run: string;
  readonly model: string;
  /** NAME@VERSION */
  readonly version: string;
  readonly card: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}

/**
 * Waits for a run, showing what it says of itself. One that did not finish an earlier time is taken up again.
 *
 * @param steps How many it takes, where that is known
 * @throws cli.quickstart_failed for one that does not finish; the signal's reason
 */
export const followed = async (quick: Quickstart, id: string, steps = 0): Promise<Trained> => {
  const { project } = quick;
  const engineer = quick.as('engineer');
  const params = { project, run: id };
  const before = await engineer.call('getRun', { params });
  const endedBefore = hasFailed(before) ? before.endedAt : null;
  if (endedBefore !== null) await engineer.call('resumeRun', { params });
  for (;;) {
    const run = await engineer.call('getRun', { params });
    report(quick, run, steps);
    if (hasFailed(run) && run.endedAt !== endedBefore)
      throw plauditError('cli.quickstart_failed', {
        problem: `the run ${run.name} ended as ${run.state}. ${run.error ?? ''}`,
      });
    const [model] = run.models;
    if (run.state === 'finished' && model !== undefined) {
      const { name, version, card } = await engineer.call('getModel', { params: { project, model } });
      const seconds = (Date.parse(run.endedAt!) - Date.parse(run.startedAt!)) / 1000;
      return { run: id, model, version: `${name}@${version}`, card, seconds };
    }
    await quick.wait(lookEvery);
  }
};

const hasFailed = ({ state }: Run): boolean => state === 'failed' || state === 'stopped';

const report = ({ onProgress }: Quickstart, { steps, state, metrics }: Run, totalSteps: number): void => {
  const last = (name: string): number | undefined => {
    const value = metrics[name]?.value;
    return typeof value === 'number' ? value : undefined;
  };
  const phase = steps.findLast((one) => one.state === 'running')?.name ?? state;
  const step = Math.max(0, ...Object.values(metrics).map((metric) => metric.step));
  const loss = last('train/loss');
  const accuracy = last('train/accuracy');
  const validationAccuracy = last('validation/accuracy');
  onProgress({
    ...{ phase, step, totalSteps },
    ...(loss !== undefined && { loss }),
    ...(accuracy !== undefined && { accuracy }),
    ...(validationAccuracy !== undefined && { validationAccuracy }),
  });
};
