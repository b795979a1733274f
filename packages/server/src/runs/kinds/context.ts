/** @file What the work of every run is given: the store, its own folders, and where it says how far it is. */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeJudgements } from '@plaudit/feedback';
import { type Artifacts, attachFolder, gatesOf, type Model, requireGates, type Store } from '@plaudit/store';
import type { FolderOfModel } from '../../serving/model-folders.ts';
import type { ProgressLog } from '../progress-log.ts';

export interface RunContext {
  readonly store: Store;
  readonly artifacts: Artifacts;
  /** Of the store. */
  readonly folder: string;
  readonly run: string;
  readonly name: string;
  /** A folder that goes when the run ends: what it reads lies there meanwhile. The same for the same run. */
  readonly running: string;
  /** The folder of the model that it makes, which no other run writes. */
  readonly out: string;
  readonly signal: AbortSignal;
  readonly log: ProgressLog;
  readonly folderOf: FolderOfModel;
}

/** What a model was made from, for its card. */
export interface MadeFrom {
  readonly snapshot: string;
  /** Required gates that failed; the run went on because it was told to. */
  readonly failedGates: readonly string[];
}

/**
 * The rows of a snapshot as a file. The same path for the same run: one that is resumed finds the data that it began with.
 *
 * @throws PlauditError quality.gates_failed, store.unknown, store.snapshot_erased
 */
export const snapshotRows = async (
  { store, running, signal }: RunContext,
  { snapshot: id, despiteGates }: { readonly snapshot: string; readonly despiteGates: boolean },
): Promise<{ readonly rows: string; readonly from: MadeFrom }> => {
  const snapshot = await store.snapshots.get(id);
  const gates = await gatesOf(store, snapshot, { signal });
  requireGates(gates, id, despiteGates);
  await mkdir(running, { recursive: true, mode: 0o700 });
  const rows = join(running, 'rows.jsonl');
  await writeJudgements(rows, store.snapshots.rows(id));
  return { rows, from: { snapshot: id, failedGates: gates.blocking } };
};

/** A base of the store's own is a path from here on; a registered model is the folder of its files. */
export const located = async (
  { store, folder, folderOf }: RunContext,
  reference: string,
): Promise<string> => {
  if (reference.startsWith('models/')) return resolve(folder, reference);
  return isModelId(reference) ? folderOf(store, reference) : reference;
};

const isModelId = (reference: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(reference);

/** What an earlier attempt of the same run has made as a whole, and had no time to record; null where there is nothing. */
export const finishedDocument = async <Document>({ out }: RunContext): Promise<Document | null> => {
  const text = await readFile(join(out, 'report.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : (JSON.parse(text) as Document);
};

/** Files of a model that say how its run went, and are those of the run too. */
const ofRun: readonly string[] = ['report.html', 'report.json', 'training.jsonl'];

/** Registers the model and keeps its folder. Once, also where it is done again. */
export const registerModel = async (
  { store, artifacts, run, name, out }: RunContext,
  role: Model['role'],
  card: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const [known] = await store.models.list({ run, limit: 1 });
  const made = known ?? (await store.models.register({ name, role, run, card }));
  const files = await attachFolder(store, artifacts, made.id, out);
  await store.files.attach(
    run,
    files.filter(({ path }) => ofRun.includes(path)),
  );
};
