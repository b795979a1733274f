/** @file Labels that workers gave to items, without the items' texts: what annotator models such as Dawid and Skene's need. */
import { basename } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { type Reject, type RejectReason, rejectReasons } from './reject.ts';
import { streamRecords } from './rows.ts';

/** One worker's label of one item. */
export interface WorkerLabel {
  readonly unit: string;
  readonly annotator: string;
  readonly value: string;
  /** The item's true label, where the file of gold labels has it. */
  readonly gold?: string;
}

export interface ReadWorkerLabels {
  readonly labels: readonly WorkerLabel[];
  /** True labels by item, those of items that nobody labelled among them. */
  readonly gold: ReadonlyMap<string, string>;
  readonly rejects: readonly Reject[];
  readonly rows: number;
}

type Part = 'unit' | 'annotator' | 'value';

/** Names by which the columns are known. */
const names: Readonly<Record<Part, readonly string[]>> = {
  unit: ['question', 'task', 'item', 'unit', 'object', 'instance_id'],
  annotator: ['worker', 'annotator', 'rater', 'user', 'user_id', 'worker_id'],
  value: ['answer', 'label', 'value', 'truth', 'gold', 'response'],
};

/** The order of columns in files without a header, as Get-Another-Label has it. */
const labelsWithoutHeader: readonly Part[] = ['annotator', 'unit', 'value'];
const goldWithoutHeader: readonly Part[] = ['unit', 'value'];

/**
 * Labels from comma-separated or tab-separated values: with a header that names item, worker and label, or without one as
 * worker, item and label.
 *
 * @param paths.gold A file of items and their true labels
 * @example const { labels, gold } = await readWorkerLabels({ labels: 'answer.csv', gold: 'truth.csv' })
 * @throws PlauditError data.unknown_format when the columns are others; other data.* for the files
 */
export const readWorkerLabels = async (
  paths: { readonly labels: string; readonly gold?: string },
  signal?: AbortSignal,
): Promise<ReadWorkerLabels> => {
  const rejects: Reject[] = [];
  const gold = new Map<string, string>();
  let rows = 0;
  if (paths.gold !== undefined)
    for await (const { unit, value } of records(paths.gold, goldWithoutHeader, rejects, signal)) {
      rows++;
      if (unit !== undefined) gold.set(unit, value!);
    }
  const labels: WorkerLabel[] = [];
  for await (const { unit, annotator, value } of records(
    paths.labels,
    labelsWithoutHeader,
    rejects,
    signal,
  )) {
    rows++;
    if (unit === undefined) continue;
    const truth = gold.get(unit);
    labels.push({ unit, annotator: annotator!, value: value!, ...(truth !== undefined && { gold: truth }) });
  }
  return { labels, gold, rejects, rows };
};

type Cells = Partial<Record<Part, string>>;

/** The cells of each record by what they are; nothing for a record that was set aside. */
async function* records(
  path: string,
  withoutHeader: readonly Part[],
  rejects: Reject[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Cells> {
  const source = basename(path);
  let columns: readonly (Part | undefined)[] | undefined;
  let row = 0;
  for await (const batch of streamRecords(path, signal))
    for (const cells of batch) {
      if (!columns) {
        const named = headerOf(cells, withoutHeader);
        columns = named ?? withoutHeader;
        if (named) continue;
        if (cells.length !== withoutHeader.length) throw unknown(path, cells.length, withoutHeader);
      }
      row++;
      const found: Cells = {};
      for (const [i, part] of columns.entries()) if (part) found[part] = cells[i]?.trim();
      const reason: RejectReason | undefined =
        cells.length !== columns.length
          ? 'wrong_column_count'
          : withoutHeader.some((part) => !found[part])
            ? 'missing_label'
            : undefined;
      if (reason) rejects.push({ source, row, reason, message: rejectReasons[reason] });
      yield reason ? {} : found;
    }
  if (row === 0) throw plauditError('data.file_empty', { path });
}

/** What each column holds by the names of a header, or `undefined` where the first record is none. */
const headerOf = (
  cells: readonly string[],
  needed: readonly Part[],
): readonly (Part | undefined)[] | undefined => {
  const parts = cells.map((cell) => needed.find((part) => names[part].includes(cell.trim().toLowerCase())));
  return needed.every((part) => parts.includes(part)) ? parts : undefined;
};

const unknown = (path: string, columns: number, needed: readonly Part[]): Error =>
  plauditError('data.unknown_format', {
    path,
    // Without a header the first record is content, which errors do not carry.
    fields: `${columns} columns without known names`,
    formats: `labels of workers (${needed.map((part) => names[part].join(' or ')).join('; ')})`,
  });
