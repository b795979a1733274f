/** @file Where a run is, as metrics and steps of its record: written in order, some times a second at most. */
import type { RunProgress } from '@plaudit/reward';
import type { Store } from '@plaudit/store';

/** What of a run's progress is a curve, and its name in the record. */
const curves = {
  loss: 'train/loss',
  accuracy: 'train/accuracy',
  validationLoss: 'validation/loss',
  validationAccuracy: 'validation/accuracy',
  tokensPerSecond: 'train/tokens_per_second',
} as const;

export interface Logged {
  readonly name: string;
  readonly step: number;
  readonly value: number;
}

export interface ProgressLog {
  report(progress: RunProgress): void;
  /** Points of curves that a run names by itself. */
  log(values: readonly Logged[]): void;
  /** Writes what is left and ends the step that runs. @throws what writing threw */
  end(): Promise<void>;
}

/** @param every Milliseconds between two writes */
export const progressLog = (
  store: Pick<Store, 'metrics' | 'steps'>,
  run: string,
  now: () => Date = () => new Date(),
  every = 500,
): ProgressLog => {
  let waiting: (Logged & { readonly at: Date })[] = [];
  let phase: string | undefined;
  let phases = 0;
  let written = 0;
  // One after the other; a failure is kept for the end.
  let writing: Promise<unknown> = Promise.resolve();
  const then = (work: () => Promise<unknown>): void => {
    writing = writing.then(work);
    writing.catch(() => undefined);
  };
  const flush = (): void => {
    if (waiting.length === 0) return;
    const values = waiting;
    waiting = [];
    written = now().getTime();
    then(() => store.metrics.log(run, values));
  };
  const endPhase = (): void => {
    const ended = phase;
    if (ended !== undefined) then(() => store.steps.finish(run, ended, {}).catch(() => undefined));
  };
  return {
    report(progress) {
      const at = now();
      if (progress.phase !== phase) {
        endPhase();
        const begun = progress.phase;
        const position = phases++;
        phase = begun;
        then(() => store.steps.begin(run, begun, position));
      }
      for (const [field, name] of Object.entries(curves) as [keyof typeof curves, string][]) {
        const value = progress[field];
        if (value !== undefined) waiting.push({ name, step: progress.step, value, at });
      }
      if (at.getTime() - written >= every) flush();
    },
    log(values) {
      const at = now();
      for (const value of values) waiting.push({ ...value, at });
      if (at.getTime() - written >= every) flush();
    },
    async end() {
      flush();
      endPhase();
      await writing;
    },
  };
};
