/** @file Reading judgement files: rows of any known format to judgements of any kind, with everything that was set aside. */
import { basename } from 'node:path';
import { type Comparison, type Judgement, plauditError } from '@plaudit/contract';
import { checkJudgement } from './check-judgement.ts';
import { isRow, type Row } from './fields.ts';
import type { Format, Gathering } from './formats/format.ts';
import { detectFormat, type FormatName, formatNames, formats } from './formats/formats.ts';
import type { RawRow } from './raw-row.ts';
import { type Reject, type RejectReason, RowFault } from './reject.ts';
import { streamRows } from './rows.ts';
import { SeenValues } from './seen-values.ts';
import { sourceFiles } from './source-files.ts';

export interface ReadOptions {
  /** `auto` looks at the first rows. Default `auto`. */
  readonly format?: FormatName | 'auto';
  readonly signal?: AbortSignal;
}

/** What a portion of a file held, in file order. */
export interface JudgementBatch {
  readonly format: FormatName;
  readonly path: string;
  /** Rows of the portion, whether they gave judgements or not. */
  readonly rows: number;
  /** Rows of the portion that gave at least one judgement. */
  readonly rowsRead: number;
  readonly judgements: readonly Judgement[];
  readonly rejects: readonly Reject[];
}

export interface JudgementCounts {
  readonly files: number;
  readonly rows: number;
  /** Rows that gave at least one judgement. */
  readonly read: number;
  /** Rows, and parts of rows, that were set aside. */
  readonly rejected: number;
  readonly kinds: Readonly<Record<Judgement['kind'], number>>;
  readonly reasons: Readonly<Partial<Record<RejectReason, number>>>;
  /** Of the comparisons. */
  readonly outcomes: Readonly<Record<Comparison['outcome'], number>>;
}

export interface ReadJudgements {
  readonly format: FormatName;
  readonly judgements: readonly Judgement[];
  readonly rejects: readonly Reject[];
  readonly counts: JudgementCounts;
}

/** Rows looked at before the format is chosen, so that a faulty first row does not decide. */
const rowsToDetect = 16;

/**
 * The judgements of files, folders of files or glob patterns, in order. Holds all of them; see `streamJudgements` for
 * files that do not fit.
 *
 * @example const { judgements, rejects, counts } = await readJudgements('preferences.jsonl.gz')
 * @throws PlauditError data.* for a file that is missing, damaged, of no known format or without a usable row
 */
export const readJudgements = async (
  paths: string | readonly string[],
  options: ReadOptions = {},
): Promise<ReadJudgements> => {
  const judgements: Judgement[] = [];
  const rejects: Reject[] = [];
  const files = new Set<string>();
  const reasons: Partial<Record<RejectReason, number>> = {};
  const outcomes = { a: 0, b: 0, tie: 0, both_bad: 0 };
  const kinds = { comparison: 0, ranking: 0, rating: 0, label: 0, edit: 0, steps: 0 };
  let rows = 0;
  let read = 0;
  let format: FormatName | undefined;
  for await (const batch of streamJudgements(paths, options)) {
    format = batch.format;
    files.add(batch.path);
    rows += batch.rows;
    read += batch.rowsRead;
    for (const judgement of batch.judgements) {
      judgements.push(judgement);
      kinds[judgement.kind]++;
      if (judgement.kind === 'comparison') outcomes[judgement.outcome]++;
    }
    for (const reject of batch.rejects) {
      rejects.push(reject);
      reasons[reject.reason] = (reasons[reject.reason] ?? 0) + 1;
    }
  }
  const counts: JudgementCounts = {
    files: files.size,
    rows,
    read,
    rejected: rejects.length,
    kinds,
    reasons,
    outcomes,
  };
  return { format: format!, judgements, rejects, counts };
};

/**
 * The same as a stream of batches.
 *
 * @throws PlauditError data.*; data.no_usable_rows comes at the end of the file that has none
 */
export async function* streamJudgements(
  paths: string | readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<JudgementBatch> {
  let format = chosenFormat(options.format ?? 'auto');
  const given = format !== undefined;
  for (const path of await sourceFiles(paths)) {
    const pieces = splitToDetect(streamRows(path, options.signal));
    try {
      const head = await pieces.head();
      const rows = head.map((row) => row.value).filter(isRow);
      if (!given && rows.length > 0) {
        const found = detectFormat(rows);
        if (!found) throw unknownFormat(path, rows[0]!);
        if (format && format !== found)
          throw plauditError('data.mixed_formats', { path, found: found.name, expected: format.name });
        format = found;
      }
      const seen = await seenValues(path, format, options.signal);
      yield* readFile(path, format, head, pieces.rest, seen);
    } finally {
      await pieces.rest.return(undefined);
    }
  }
}

/** Goes through a file once before it is read, for a format whose scale only all the values show. */
const seenValues = async (
  path: string,
  format: Format | undefined,
  signal?: AbortSignal,
): Promise<SeenValues> => {
  const seen = new SeenValues();
  if (format?.survey)
    for await (const rows of streamRows(path, signal))
      for (const { value } of rows) if (isRow(value)) format.survey(value, seen);
  return seen;
};

/** Reads one file whose first rows are at hand. Without a format no row of those was an object. */
async function* readFile(
  path: string,
  format: Format<FormatName> | undefined,
  head: readonly RawRow[],
  rest: AsyncIterable<readonly RawRow[]>,
  seen: SeenValues,
): AsyncGenerator<JudgementBatch> {
  const tally = new Map<RejectReason, number>();
  const source = basename(path);
  const gathering = format?.gather?.();
  let rows = 0;
  let usable = 0;
  let firstReject: number | undefined;
  const counted = (count: number, parsed: ParsedRows): JudgementBatch => {
    rows += count;
    usable += parsed.judgements.length;
    for (const { reason, row } of parsed.rejects) {
      firstReject ??= row;
      tally.set(reason, (tally.get(reason) ?? 0) + 1);
    }
    return { format: format?.name ?? 'plaudit', path, rows: count, ...parsed };
  };
  const read = (batch: readonly RawRow[]): JudgementBatch =>
    counted(
      batch.length,
      gathering ? gatherRows(batch, gathering, source) : parseRows(batch, format, source, seen),
    );
  yield read(head);
  for await (const batch of rest) yield read(batch);
  if (gathering && format) yield counted(0, gathered(gathering, format, source));
  if (usable > 0) return;
  if (rows === 0) throw plauditError('data.file_empty', { path });
  const reasons = [...tally].map(([reason, count]) => `${count} ${reason}`).join(', ');
  throw plauditError('data.no_usable_rows', { path, rows, reasons, row: firstReject ?? 1 });
}

type ParsedRows = Pick<JudgementBatch, 'rowsRead' | 'judgements' | 'rejects'>;

/** @throws Whatever it is given that is not a fault of a row */
const rejectOf = (fault: unknown, source: string, row: number): Reject => {
  if (!(fault instanceof RowFault)) throw fault;
  const { reason, field, message } = fault;
  return { source, row, ...(field !== undefined && { field }), reason, message };
};

const parseRows = (
  rows: readonly RawRow[],
  format: Format | undefined,
  source: string,
  seen: SeenValues,
): ParsedRows => {
  const judgements: Judgement[] = [];
  const rejects: Reject[] = [];
  let rowsRead = 0;
  for (const raw of rows) {
    const before = [judgements.length, rejects.length];
    const setAside = (fault: unknown): void => {
      rejects.push(rejectOf(fault, source, raw.row));
    };
    try {
      if (raw.fault) throw raw.fault;
      if (!isRow(raw.value) || !format) throw new RowFault('not_an_object');
      const read = format.parse(raw.value, { source, row: raw.row, seen, setAside });
      for (const judgement of [read].flat())
        try {
          checkJudgement(judgement, format.responseFields);
          judgements.push(judgement);
        } catch (fault) {
          setAside(fault);
        }
      if (judgements.length === before[0] && rejects.length === before[1])
        throw new RowFault('missing_label');
    } catch (fault) {
      setAside(fault);
    }
    if (judgements.length > before[0]!) rowsRead++;
  }
  return { rowsRead, judgements, rejects };
};

/** Adds rows to what is gathered of their file; what they say comes at its end. */
const gatherRows = (rows: readonly RawRow[], gathering: Gathering, source: string): ParsedRows => {
  const rejects: Reject[] = [];
  for (const raw of rows) {
    const setAside = (fault: unknown): void => {
      rejects.push(rejectOf(fault, source, raw.row));
    };
    try {
      if (raw.fault) throw raw.fault;
      if (!isRow(raw.value)) throw new RowFault('not_an_object');
      gathering.add(raw.value, { source, row: raw.row, setAside });
    } catch (fault) {
      setAside(fault);
    }
  }
  return { rowsRead: 0, judgements: [], rejects };
};

/** What a file's rows said together. A judgement that cannot be used sets all of its rows aside. */
const gathered = (gathering: Gathering, format: Format, source: string): ParsedRows => {
  const judgements: Judgement[] = [];
  const rejects: Reject[] = [];
  let rowsRead = 0;
  for (const { rows, judgement } of gathering.end())
    try {
      checkJudgement(judgement, format.responseFields);
      judgements.push(judgement);
      rowsRead += rows.length;
    } catch (fault) {
      rejects.push(...rows.map((row) => rejectOf(fault, source, row)));
    }
  return { rowsRead, judgements, rejects };
};

const chosenFormat = (name: string): Format<FormatName> | undefined => {
  if (name === 'auto') return undefined;
  const format = formats.find((one) => one.name === name);
  if (!format) throw plauditError('data.format_name', { format: name, formats: formatNames.join(', ') });
  return format;
};

/** Field names are shown because they are the file's form, not its content; long ones may be content and are cut. */
const unknownFormat = (path: string, row: Row): Error => {
  const names = Object.keys(row).slice(0, 12);
  return plauditError('data.unknown_format', {
    path,
    fields: names.map((name) => name.slice(0, 32)).join(', ') || 'none',
    formats: formats.map((format) => `${format.name} (${format.fields})`).join('; '),
  });
};

/** Cuts a stream of batches after the first rows that are enough to know the format. */
const splitToDetect = (
  batches: AsyncGenerator<RawRow[]>,
): { head: () => Promise<RawRow[]>; rest: AsyncGenerator<RawRow[]> } => ({
  async head() {
    const head: RawRow[] = [];
    while (head.filter((raw) => isRow(raw.value)).length < rowsToDetect) {
      const next = await batches.next();
      if (next.done) break;
      head.push(...next.value);
    }
    return head;
  },
  rest: batches,
});
