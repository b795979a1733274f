/** @file Training on a snapshot of the store: its rows as a file while the run needs them, and the run on record. */
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import type { OnProgress } from '@plaudit/reward';
import { type StoreOptions, useStore } from './open-store.ts';
import { gatesOf } from './snapshot-gates.ts';

/** What a model was trained on. */
export interface TrainedFrom {
  readonly snapshot: string;
  /** Required gates that failed; training went on because it was told to. */
  readonly failedGates: readonly string[];
}

export interface FromStore extends StoreOptions {
  /** `NAME@SNAPSHOT`: a data set and the id or tag of a snapshot with rows of it. */
  readonly dataset: string;
  /** What is run, such as `reward.train`. */
  readonly kind: string;
  readonly role: 'reward' | 'policy';
  readonly out: string;
  /** Trains although gates that it requires failed. */
  readonly despiteGates: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Runs a training on a snapshot. The database is open before and after it, and not meanwhile. The rows lie in a file that
 * is removed when the run has ended, so that an erasure leaves none behind; the run, the snapshot that it read, the
 * gates that it did not pass and the model that it made are on record.
 *
 * @param train Is given the path of the rows and what the training's document has to say of the snapshot
 * @throws quality.gates_failed, store.*, output.*, and what the training throws, which is recorded with the run
 */
export const trainFromStore = async <T>(
  options: FromStore,
  train: (path: string, from: TrainedFrom) => Promise<T>,
): Promise<T> => {
  const { dataset, store: folder, kind, role, out, config } = options;
  const [name, version, ...rest] = dataset.split('@');
  if (!name || !version || rest.length > 0)
    throw plauditError('cli.usage', {
      problem: 'Write --dataset as NAME@SNAPSHOT, such as support@november.',
    });
  const { writeJudgements } = await import('@plaudit/feedback');
  const { requireGates } = await import('@plaudit/store');
  const { from, run, rows } = await useStore(options, false, async (store) => {
    const found = await store.snapshots.find(version);
    if (!found.query.datasets.includes(name))
      throw plauditError('store.unknown', {
        what: `snapshot of the data set ${name}`,
        name: version,
        project: options.project,
      });
    const gates = await gatesOf(store, found, options);
    requireGates(gates, version, options.despiteGates);
    const from: TrainedFrom = { snapshot: found.id, failedGates: gates.blocking };
    const running = join(folder, 'running');
    await mkdir(running, { recursive: true, mode: 0o700 });
    const made = await store.runs.create({
      name: basename(out),
      kind,
      config: { ...config, failedGates: from.failedGates },
      snapshots: [{ id: found.id, purpose: 'train' }],
    });
    await store.runs.start(made.id);
    // The same name for the same rows: a run that is resumed has to find the data that it began with.
    const path = join(running, `${name}@${found.id.slice(0, 16)}.jsonl`);
    await writeJudgements(path, store.snapshots.rows(found.id));
    return { from, run: made.id, rows: path };
  });
  const record = (error: unknown): Promise<void> =>
    useStore(options, false, async (store) => {
      if (error === null) {
        await store.runs.end(run, { state: 'finished' });
        const card = { folder: out, ...from };
        const { id } = await store.models.register({ name: basename(out), role, run, card });
        // A copy by content: what is served later is what was trained, wherever that folder has gone.
        const { attachFolder, openArtifacts } = await import('@plaudit/store');
        await attachFolder(store, await openArtifacts(join(folder, 'artifacts')), id, out);
      } else
        await store.runs.end(run, {
          state: 'failed',
          error: error instanceof Error ? error.message : String(error),
        });
    });
  try {
    const result = await train(rows, from);
    await record(null);
    return result;
  } catch (error) {
    // What went wrong in the training is what a person has to see, whatever becomes of the record.
    await record(error).catch(() => {});
    throw error;
  } finally {
    await rm(rows, { force: true });
  }
};
