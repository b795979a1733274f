/** @file Reading rows to be scored: a prompt and its responses, strictly in file order, no row skipped. */
import { type PlauditError, type Prompt, plauditError } from '@plaudit/contract';
import { hasFields, isRow, optionalMessages, promptOf, type Row } from './fields.ts';
import { detectFormat } from './formats/formats.ts';
import { RowFault } from './reject.ts';
import { streamRows } from './rows.ts';

/** One row to be scored. */
export interface PromptRow {
  /** 1-based line of JSONL, 1-based index of a JSON array, 1-based record of CSV. */
  readonly row: number;
  readonly prompt: Prompt;
  readonly responses: readonly string[];
}

/**
 * Rows of prompts with responses: `responses` (a list), `response` or `completion` (one text or chat message list), or
 * the columns of any judgement format. Responses may be empty or equal here, because a policy may write them.
 *
 * @throws PlauditError data.prompt_row for the first row that cannot be scored, other data.* for the file
 */
export const readPromptRows = async (
  path: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<PromptRow[]> => {
  const rows: PromptRow[] = [];
  for await (const batch of streamRows(path, options.signal)) {
    for (const raw of batch) {
      try {
        if (raw.fault) throw raw.fault;
        if (!isRow(raw.value)) throw new RowFault('not_an_object');
        rows.push({ row: raw.row, ...parsePromptRow(raw.value) });
      } catch (fault) {
        throw fault instanceof RowFault ? rowError(path, raw.row, fault) : fault;
      }
    }
  }
  if (rows.length === 0) throw plauditError('data.file_empty', { path });
  return rows;
};

const rowError = (path: string, row: number, fault: RowFault): PlauditError =>
  plauditError('data.prompt_row', { path, row, field: fault.field ?? 'row', problem: fault.message }, fault);

const parsePromptRow = (row: Row): Omit<PromptRow, 'row'> => {
  const field = ['responses', 'response', 'completion'].find((name) => name in row);
  if (field !== undefined && row.kind !== 'comparison') {
    const prompt = promptOf(row, 'prompt');
    return {
      prompt,
      responses: field === 'responses' ? responseList(row) : [oneResponse(row[field], field)],
    };
  }
  const format = detectFormat([row]);
  if (format) {
    const { prompt, responses } = format.parse(row, { source: 'prompts', row: 1 });
    return { prompt, responses };
  }
  throw hasFields(row, 'prompt')
    ? new RowFault('missing_response', 'responses')
    : new RowFault('missing_prompt', 'prompt');
};

const responseList = (row: Row): string[] => {
  const given = typeof row.responses === 'string' ? listFromText(row.responses) : row.responses;
  if (!Array.isArray(given)) throw new RowFault('bad_field', 'responses');
  if (given.length === 0) throw new RowFault('missing_response', 'responses');
  return given.map((response, i) => oneResponse(response, `responses.${i}`));
};

/** A CSV cell can hold the list as JSON. */
const listFromText = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const oneResponse = (value: unknown, field: string): string => {
  const messages = optionalMessages(value, field);
  if (messages) {
    const [only, ...others] = messages;
    if (!only || others.length > 0 || only.role !== 'assistant') throw new RowFault('no_answer', field);
    return only.content;
  }
  if (value === undefined || value === null) throw new RowFault('missing_response', field);
  if (typeof value !== 'string' || !value.isWellFormed()) throw new RowFault('not_text', field);
  return value;
};
