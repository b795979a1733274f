/** @file Plaudit's own judgements of any kind, one JSON object a row, as `writeJudgements` and exports write them. */
import { type Judgement, judgement } from '@plaudit/contract';
import { isRow, type Row } from '../fields.ts';
import { RowFault } from '../reject.ts';
import type { Format } from './format.ts';

const kinds = new Set<unknown>(judgement.options.map(({ shape }) => shape.kind.value));

/** Fields whose values are the judgement itself. */
const labels = new Set([
  'outcome',
  'preference',
  'margin',
  'groups',
  'value',
  'scale',
  'desirable',
  'labels',
]);

export const plaudit: Format<'plaudit'> = {
  name: 'plaudit',
  fields: 'kind, prompt, provenance, and what that kind of judgement says',
  // Others may have a field `kind` too; a comparison without provenance is refused with its reason.
  detect: (row) =>
    kinds.has(row.kind) && (row.kind === 'comparison' || isRow(row.provenance) || hasJsonCells(row)),
  parse(given): Judgement {
    const row = withoutNulls(hasJsonCells(given) ? fromCells(given) : given);
    const read = judgement.safeParse(row);
    if (read.success) {
      if (read.data.prompt.every((turn) => turn.content.trim() === ''))
        throw new RowFault('empty_prompt', 'prompt');
      const broken = brokenField(read.data);
      if (broken !== undefined) throw new RowFault('not_text', broken);
      return read.data;
    }
    const path = read.error.issues[0]?.path ?? [];
    // The names of segments are content.
    const field = path.slice(0, path[1] === 'segments' ? 2 : undefined).join('.') || 'kind';
    const first = String(path[0] ?? 'kind');
    if (row.prompt === undefined || row.prompt === null) throw new RowFault('missing_prompt', 'prompt');
    if (['responses', 'response', 'rewrite', 'steps', 'separator'].includes(first))
      throw new RowFault('not_text', field);
    if (labels.has(first)) throw new RowFault('label_out_of_range', field);
    throw new RowFault('bad_field', field);
  },
};

/** The field with half of a character in a text, which no tokenizer and no file could carry on. */
const brokenField = (said: Judgement): string | undefined =>
  Object.entries(said).find(([, value]) => !isWellFormed(value))?.[0];

const isWellFormed = (value: unknown): boolean => {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, part]) => name.isWellFormed() && isWellFormed(part));
};

/** In CSV the cells are JSON, that of the kind aside. */
const hasJsonCells = ({ provenance }: Row): boolean =>
  typeof provenance === 'string' && provenance.startsWith('{');

const fromCells = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, name === 'kind' ? cell : parsedCell(cell)]),
  );

const parsedCell = (cell: unknown): unknown => {
  if (typeof cell !== 'string') return cell;
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
};

/** In Parquet every column is there, null in the kinds of judgement that do not have it. */
const withoutNulls = (row: Row): Row =>
  Object.values(row).includes(null)
    ? Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
    : row;
