/** @file All trials of a simulation, each in a thread, as many at once as are wanted. */
import { Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorParameters, plauditError } from '@plaudit/contract';
import type { SelectionRule } from '@plaudit/feedback';
import type { CurvePoint, Setting, TrialPlan } from './trial.ts';

/** What a thread is asked; no rule asks for the model that all labels make. */
export interface TrialRequest {
  readonly setting: Setting;
  readonly rule: SelectionRule | null;
  readonly plan: TrialPlan;
}

export type TrialAnswer =
  | { readonly curve: readonly CurvePoint[] }
  | { readonly error: { readonly code: ErrorCode; readonly parameters: ErrorParameters } };

export interface TrialsOptions {
  readonly threads: number;
  readonly signal?: AbortSignal;
  /** Called after each trial. */
  readonly onTrial?: (done: number, total: number) => void;
}

const startThread = (): Worker => {
  const fromSource = import.meta.url.endsWith('.ts');
  return new Worker(new URL(fromSource ? './worker.ts' : './worker.js', import.meta.url), {
    name: 'plaudit-selection',
    ...(fromSource ? { execArgv: ['--conditions=source'] } : {}),
  });
};

/** Asks a thread for one trial; it is asked for the next when this one is over. */
const ask = (worker: Worker, request: TrialRequest): Promise<readonly CurvePoint[]> =>
  new Promise((resolve, reject) => {
    const answered = (answer: TrialAnswer): void => {
      worker.off('error', reject).off('exit', ended);
      if ('curve' in answer) resolve(answer.curve);
      else reject(plauditError(answer.error.code, answer.error.parameters));
    };
    const ended = (code: number): void => reject(new Error(`a thread of the simulation ended with ${code}`));
    worker.once('message', answered).once('error', reject).once('exit', ended);
    worker.postMessage(request);
  });

/**
 * Runs trials; their curves come back in the order in which they were asked for.
 *
 * @throws reward.not_finite; the signal's reason
 */
export const runTrials = async (
  requests: readonly TrialRequest[],
  { threads, signal, onTrial }: TrialsOptions,
): Promise<(readonly CurvePoint[])[]> => {
  signal?.throwIfAborted();
  const curves: (readonly CurvePoint[])[] = [];
  let next = 0;
  let done = 0;
  const workers = Array.from({ length: Math.min(threads, requests.length) }, startThread);
  const work = async (worker: Worker): Promise<void> => {
    while (next < requests.length) {
      const own = next++;
      curves[own] = await ask(worker, requests[own]!);
      signal?.throwIfAborted();
      onTrial?.(++done, requests.length);
    }
  };
  const stopped = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    await Promise.race([Promise.all(workers.map(work)), stopped]);
    return curves;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
};
