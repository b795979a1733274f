/** @file Arena battles: one message to two models, both conversations, and which of them a person preferred.
 * @see Zheng et al. 2023, https://github.com/lm-sys/FastChat
 */
import type { Comparison, Message } from '@plaudit/contract';
import {
  hasFields,
  optionalMessages,
  optionalNumber,
  optionalText,
  type Row,
  segmentsOf,
} from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, provenanceOf } from './format.ts';

const outcomes = new Map<unknown, Comparison['outcome']>([
  ['model_a', 'a'],
  ['model_b', 'b'],
  ['tie', 'tie'],
  ['tie (bothbad)', 'both_bad'],
]);

export const arena: Format<'arena'> = {
  name: 'arena',
  fields: 'model_a, model_b, winner, conversation_a, conversation_b',
  responseFields: ['conversation_a', 'conversation_b'],
  detect: (row) => hasFields(row, 'conversation_a', 'conversation_b', 'winner'),
  parse(row, place): Comparison {
    const a = conversationOf(row, 'conversation_a');
    const b = conversationOf(row, 'conversation_b');
    // After the first answers the two conversations go apart; what was preferred is then not two answers to one prompt.
    const same =
      a.prompt.length === b.prompt.length &&
      a.prompt.every((turn, i) => turn.role === b.prompt[i]!.role && turn.content === b.prompt[i]!.content);
    if (!same) throw new RowFault('prompts_differ', 'conversation_b');
    if (row.winner === undefined || row.winner === null) throw new RowFault('missing_label', 'winner');
    const outcome = outcomes.get(row.winner);
    if (!outcome) throw new RowFault('label_out_of_range', 'winner');
    const annotator = optionalText(row, 'judge');
    return {
      kind: 'comparison',
      prompt: a.prompt,
      responses: [a.answer, b.answer],
      outcome,
      provenance: provenanceOf(place, {
        annotator,
        annotatorKind: annotator && /^(arena_user|expert|author)_/.test(annotator) ? 'human' : undefined,
        language: optionalText(row, 'language'),
        time: timeOf(row),
        segments: segmentsOf(row, ['model_a', 'model_b', 'turn']),
      }),
    };
  },
};

const conversationOf = (row: Row, field: string): { prompt: Message[]; answer: string } => {
  const turns = optionalMessages(row[field], field);
  if (!turns) throw new RowFault('missing_response', field);
  const last = turns.at(-1);
  if (last?.role !== 'assistant') throw new RowFault('no_answer', field);
  const prompt = turns.slice(0, -1);
  if (prompt.length === 0) throw new RowFault('missing_prompt', field);
  if (prompt.every(({ content }) => content.trim() === '')) throw new RowFault('empty_prompt', field);
  return { prompt, answer: last.content };
};

/** The last instant that a date in JavaScript can be, in seconds. */
const lastSecond = 8.64e12;

/** Seconds since 1970 as a time. */
const timeOf = (row: Row): string | undefined => {
  const seconds = optionalNumber(row, 'tstamp');
  if (seconds === undefined || Math.abs(seconds) > lastSecond) return undefined;
  const time = new Date(Math.round(1000 * seconds)).toISOString();
  // Years beyond four digits have a sign, which is no time that others read.
  return /^\d{4}-/.test(time) ? time : undefined;
};
