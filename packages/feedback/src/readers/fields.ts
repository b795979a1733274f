/** @file Reading one field of a row: text, numbers, choices and chat messages, each with the fault it can have. */
import { type Message, message, type Prompt } from '@plaudit/contract';
import { toPrompt } from '../prompt.ts';
import { RowFault } from './reject.ts';

/** A row of any container: a JSON object, or a CSV record whose cells are text. */
export type Row = Readonly<Record<string, unknown>>;

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True when the row has all these fields, whatever they hold. */
export const hasFields = (row: Row, ...fields: readonly string[]): boolean =>
  fields.every((field) => field in row);

const absent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Text as it stands. Lone surrogates are refused: no tokenizer and no file could carry them on. */
const textOf = (value: unknown, field: string): string => {
  if (typeof value !== 'string' || !value.isWellFormed()) throw new RowFault('not_text', field);
  return value;
};

/** A response as it stands, absent or not text refused. */
export const responseText = (row: Row, field: string): string => {
  if (absent(row[field])) throw new RowFault('missing_response', field);
  return textOf(row[field], field);
};

/** A prompt's text as it stands, absent, blank or not text refused. */
export const promptText = (row: Row, field: string): string => {
  if (absent(row[field])) throw new RowFault('missing_prompt', field);
  const text = textOf(row[field], field);
  if (text.trim() === '') throw new RowFault('empty_prompt', field);
  return text;
};

/** Text that a row may lack; numbers become text because segments often are numbered. */
export const optionalText = (row: Row, field: string): string | undefined => {
  const value = row[field];
  if (typeof value === 'string' && value.trim() !== '' && value.isWellFormed()) return value;
  return typeof value === 'number' ? String(value) : undefined;
};

/** A finite number, also from a CSV cell; `undefined` where the row has none. */
export const optionalNumber = (row: Row, field: string): number | undefined => {
  const value = row[field];
  if (absent(value)) return undefined;
  const number =
    typeof value === 'string' && value.trim() !== ''
      ? Number(value)
      : typeof value === 'number'
        ? value
        : Number.NaN;
  if (!Number.isFinite(number)) throw new RowFault('label_out_of_range', field);
  return number;
};

/** A number that the judgement cannot do without. */
export const labelNumber = (row: Row, field: string): number => {
  const number = optionalNumber(row, field);
  if (number === undefined) throw new RowFault('missing_label', field);
  return number;
};

/** True or false, also as 0, 1 or a CSV cell; `undefined` where the row has neither. */
export const optionalBoolean = (value: unknown, field: string): boolean | undefined => {
  if (absent(value)) return undefined;
  if (typeof value === 'boolean') return value;
  // Not of objects: what they say of themselves as text is theirs to choose.
  const text =
    typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : '';
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new RowFault('label_out_of_range', field);
};

/** A truth value that the judgement cannot do without. */
export const labelBoolean = (value: unknown, field: string): boolean => {
  const label = optionalBoolean(value, field);
  if (label === undefined) throw new RowFault('missing_label', field);
  return label;
};

/** A list, also as JSON in a CSV cell. */
export const listOf = (row: Row, field: string): readonly unknown[] => {
  const value = row[field];
  if (absent(value)) throw new RowFault('missing_response', field);
  const list = typeof value === 'string' ? parsed(value) : value;
  if (!Array.isArray(list)) throw new RowFault('bad_field', field);
  return list;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A response as text, or as a list of one assistant message. */
export const oneResponse = (value: unknown, field: string): string => {
  const messages = optionalMessages(value, field);
  if (messages) {
    const [only, ...others] = messages;
    if (!only || others.length > 0 || only.role !== 'assistant') throw new RowFault('no_answer', field);
    return only.content;
  }
  if (absent(value)) throw new RowFault('missing_response', field);
  return textOf(value, field);
};

/** Instruction and input in one user turn, as Alpaca-style data is shown to chat models. */
export const instructionText = (row: Row): string => {
  const instruction = promptText(row, 'instruction');
  const input = optionalText(row, 'input');
  return input === undefined ? instruction : `${instruction}\n\n${input}`;
};

/** Chat messages, or `undefined` when the value is not a list. */
export const optionalMessages = (value: unknown, field: string): Message[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  return value.map((item) => {
    const read = message.safeParse(item);
    if (!read.success) throw new RowFault('bad_message', field);
    textOf(read.data.content, field);
    return read.data;
  });
};

/** A prompt given as text or as chat messages. */
export const promptOf = (row: Row, field: string): Prompt => {
  const messages = optionalMessages(row[field], field);
  if (!messages) return toPrompt(promptText(row, field));
  if (messages.every((turn) => turn.content.trim() === '')) throw new RowFault('empty_prompt', field);
  return messages;
};

/** Named segments from the fields that the row has. */
export const segmentsOf = (row: Row, fields: readonly string[]): Record<string, string> | undefined => {
  const segments: Record<string, string> = {};
  for (const field of fields) {
    const value = optionalText(row, field);
    if (value !== undefined) segments[field] = value;
  }
  return Object.keys(segments).length > 0 ? segments : undefined;
};
