/** @file The quality gates of a snapshot: checked once, kept with it, and asked before anything is trained on it. */
import type { Judgement } from '@plaudit/contract';
import { plauditError } from '@plaudit/contract';
import type { QualityReport } from '@plaudit/feedback';
import type { Snapshot } from './repositories/snapshots.ts';
import type { Store } from './store.ts';

/** Up to so many judgements are held in memory, so that agreement can be measured too. */
const mostInMemory = 200_000;
const batchSize = 1000;

export interface CheckOptions {
  readonly signal?: AbortSignal;
  /** Judgements that were looked at, now and then. */
  readonly onRows?: (rows: number) => void;
}

/** The report that is kept with the snapshot; checked now where there is none. */
export const gatesOf = async (
  store: Pick<Store, 'snapshots'>,
  snapshot: Snapshot,
  { signal, onRows = () => {} }: CheckOptions = {},
): Promise<QualityReport> => {
  const { checkQuality, qualityReport } = await import('@plaudit/feedback');
  const kept = qualityReport.safeParse(snapshot.gates);
  if (kept.success) return kept.data;
  const rows = store.snapshots.rows(snapshot.id);
  const report = await checkQuality(
    snapshot.rows > mostInMemory ? inBatches(rows, onRows) : await inMemory(rows),
    signal ? { signal } : {},
  );
  await store.snapshots.setGates(snapshot.id, { ...report });
  return report;
};

/**
 * @param despite Trains although required gates failed
 * @throws quality.gates_failed
 */
export const requireGates = (report: QualityReport, snapshot: string, despite: boolean): void => {
  if (report.blocking.length > 0 && !despite)
    throw plauditError('quality.gates_failed', { snapshot, gates: report.blocking.join(', ') });
};

const inMemory = async (rows: AsyncIterable<Judgement>): Promise<Judgement[]> => {
  const judgements: Judgement[] = [];
  for await (const row of rows) judgements.push(row);
  return judgements;
};

async function* inBatches(
  rows: AsyncIterable<Judgement>,
  onRows: (rows: number) => void,
): AsyncGenerator<{ readonly judgements: readonly Judgement[] }> {
  let judgements: Judgement[] = [];
  let read = 0;
  for await (const row of rows) {
    judgements.push(row);
    if (judgements.length < batchSize) continue;
    read += judgements.length;
    onRows(read);
    yield { judgements };
    judgements = [];
  }
  yield { judgements };
}
