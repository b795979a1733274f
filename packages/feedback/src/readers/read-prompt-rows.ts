/** @file Reading rows to be scored: a prompt and its responses, strictly in file order, no row skipped. */
import { canonicalJson, type PlauditError, type Prompt, plauditError } from '@plaudit/contract';
import { responsesOf } from '../responses-of.ts';
import { hasFields, isRow, listOf, oneResponse, promptOf, type Row } from './fields.ts';
import type { Format } from './formats/format.ts';
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

export interface PromptRowOptions {
  /** Takes rows that hold a prompt alone, which then have no responses; they are faults by default. */
  readonly promptsAlone?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Rows of prompts with responses: `responses` (a list), `response` or `completion` (one text or chat message list), or
 * the columns of any judgement format. Responses may be empty or equal here, because a policy may write them.
 *
 * @throws PlauditError data.prompt_row for the first row that cannot be scored, other data.* for the file
 */
export const readPromptRows = async (path: string, options: PromptRowOptions = {}): Promise<PromptRow[]> => {
  const rows: PromptRow[] = [];
  for await (const batch of streamRows(path, options.signal)) {
    for (const raw of batch) {
      try {
        if (raw.fault) throw raw.fault;
        if (!isRow(raw.value)) throw new RowFault('not_an_object');
        rows.push({ row: raw.row, ...parsePromptRow(raw.value, options) });
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

const parsePromptRow = (row: Row, { promptsAlone = false }: PromptRowOptions): Omit<PromptRow, 'row'> => {
  const field = ['responses', 'response', 'completion'].find((name) => name in row);
  const format = detectFormat([row]);
  // OpenRLHF's rows have a response too, and their prompt elsewhere.
  if (field !== undefined && format?.name !== 'plaudit' && (!format || hasFields(row, 'prompt'))) {
    const prompt = promptOf(row, 'prompt');
    return {
      prompt,
      responses: field === 'responses' ? responseList(row) : [oneResponse(row[field], field)],
    };
  }
  if (format) return judged(row, format);
  if (promptsAlone && hasFields(row, 'prompt')) return { prompt: promptOf(row, 'prompt'), responses: [] };
  throw hasFields(row, 'prompt')
    ? new RowFault('missing_response', 'responses')
    : new RowFault('missing_prompt', 'prompt');
};

const responseList = (row: Row): string[] => {
  const given = listOf(row, 'responses');
  if (given.length === 0) throw new RowFault('missing_response', 'responses');
  return given.map((response, i) => oneResponse(response, `responses.${i}`));
};

/** The prompt and the responses of a row's judgements, which several of them may share. */
const judged = (row: Row, format: Format): Omit<PromptRow, 'row'> => {
  const setAside = (fault: RowFault): never => {
    throw fault;
  };
  const judgements = [format.parse(row, { source: 'prompts', row: 1, setAside })].flat();
  const [first] = judgements;
  if (!first) throw new RowFault('missing_label');
  if (judgements.length === 1) return { prompt: first.prompt, responses: responsesOf(first) };
  const key = canonicalJson(first.prompt);
  if (judgements.some(({ prompt }) => canonicalJson(prompt) !== key)) throw new RowFault('several_prompts');
  return { prompt: first.prompt, responses: [...new Set(judgements.flatMap(responsesOf))] };
};
