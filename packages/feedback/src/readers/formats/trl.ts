/** @file TRL preference rows: prompt, chosen and rejected as text or chat messages, the prompt explicit or implicit.
 * @see https://huggingface.co/docs/trl/dataset_formats#preference
 */
import { type Comparison, type Message, type Prompt, type Strength, strength } from '@plaudit/contract';
import {
  hasFields,
  isRow,
  optionalMessages,
  optionalNumber,
  optionalText,
  promptOf,
  type Row,
  responseText,
} from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, provenanceOf } from './format.ts';

export const trl: Format<'trl'> = {
  name: 'trl',
  fields: 'prompt, chosen, rejected',
  responseFields: ['chosen', 'rejected'],
  detect: (row) => hasFields(row, 'chosen', 'rejected'),
  parse(row, place): Comparison {
    const { prompt, responses } = conversationOf(row);
    const margin = optionalNumber(row, 'margin');
    if (margin !== undefined && margin < 0) throw new RowFault('label_out_of_range', 'margin');
    const graded = strengthOf(row);
    return {
      kind: 'comparison',
      prompt,
      responses,
      outcome: 'a',
      ...(graded && { strength: graded }),
      ...(margin !== undefined && { margin }),
      provenance: provenanceOf(place, {
        annotator: optionalText(row, 'annotator'),
        language: optionalText(row, 'language'),
        segments: textSegments(row),
      }),
    };
  },
};

/** The prompt and the two answers. An implicit prompt is what the two conversations share before their last turn. */
const conversationOf = (row: Row): { prompt: Prompt; responses: [string, string] } => {
  const chosen = optionalMessages(row.chosen, 'chosen');
  const rejected = optionalMessages(row.rejected, 'rejected');
  if (!chosen && !rejected) {
    const prompt = promptOf(row, 'prompt');
    return { prompt, responses: [responseText(row, 'chosen'), responseText(row, 'rejected')] };
  }
  if (!chosen || !rejected) throw new RowFault('not_text', chosen ? 'rejected' : 'chosen');
  const prompt = sharedPrompt(row, chosen, rejected);
  return { prompt, responses: [lastAnswer(chosen, 'chosen'), lastAnswer(rejected, 'rejected')] };
};

const lastAnswer = (messages: readonly Message[], field: string): string => {
  const last = messages.at(-1);
  if (!last) throw new RowFault('missing_response', field);
  if (last.role !== 'assistant') throw new RowFault('no_answer', field);
  return last.content;
};

const sharedPrompt = (row: Row, chosen: readonly Message[], rejected: readonly Message[]): Prompt => {
  const implicit = chosen.slice(0, -1);
  const other = rejected.slice(0, -1);
  const same =
    implicit.length === other.length &&
    implicit.every((turn, i) => turn.role === other[i]!.role && turn.content === other[i]!.content);
  if (!same) throw new RowFault('prompts_differ', 'rejected');
  if (row.prompt === undefined || row.prompt === null) {
    if (implicit.length === 0) throw new RowFault('missing_prompt', 'prompt');
    if (implicit.every((turn) => turn.content.trim() === '')) throw new RowFault('empty_prompt', 'chosen');
    return implicit;
  }
  const explicit = promptOf(row, 'prompt');
  if (implicit.length === 0) return explicit;
  // Some exports keep the prompt column and repeat it inside both conversations; others continue it there.
  const repeats = explicit.every((turn) => implicit.some((shared) => shared.content === turn.content));
  return repeats ? implicit : [...explicit, ...implicit];
};

const strengthOf = (row: Row): Strength | undefined => {
  if (row.strength === undefined || row.strength === null) return undefined;
  const read = strength.safeParse(row.strength);
  if (!read.success) throw new RowFault('label_out_of_range', 'strength');
  return read.data;
};

const textSegments = (row: Row): Record<string, string> | undefined => {
  if (!isRow(row.segments)) return undefined;
  const segments = Object.entries(row.segments).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return segments.length > 0 ? Object.fromEntries(segments) : undefined;
};
