/** @file The quality gates of a snapshot, with the progress of a command. */
import type { QualityReport } from '@plaudit/feedback';
import type { OnProgress } from '@plaudit/reward';
import type { Snapshot, Store } from '@plaudit/store';

export interface CheckOptions {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** The report that is kept with the snapshot; checked now where there is none. */
export const gatesOf = async (
  store: Store,
  snapshot: Snapshot,
  { signal, onProgress }: CheckOptions,
): Promise<QualityReport> => {
  const { gatesOf: checked } = await import('@plaudit/store');
  return checked(store, snapshot, {
    signal,
    onRows: (step) => onProgress({ phase: 'gates', step, totalSteps: snapshot.rows }),
  });
};
