/** @file HH-RLHF transcripts: chosen and rejected are whole dialogues that share all but the last answer.
 * @see Bai et al. 2022, https://github.com/anthropics/hh-rlhf
 */
import type { Comparison, Message, Prompt } from '@plaudit/contract';
import { hasFields, type Row, responseText } from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, provenanceOf } from './format.ts';

const speakers = { Human: 'user', Assistant: 'assistant' } as const;
const turnStart = /(?:^|\n\n)(Human|Assistant):/g;

export const hh: Format<'hh'> = {
  name: 'hh',
  fields: 'chosen, rejected (transcripts with Human: and Assistant: turns)',
  responseFields: ['chosen', 'rejected'],
  detect: (row) =>
    hasFields(row, 'chosen', 'rejected') &&
    !('prompt' in row) &&
    [row.chosen, row.rejected].some((text) => typeof text === 'string' && /^\s*Human:/.test(text)),
  parse(row, place): Comparison {
    const chosen = dialogue(row, 'chosen');
    const rejected = dialogue(row, 'rejected');
    const same =
      chosen.prompt.length === rejected.prompt.length &&
      chosen.prompt.every((turn, i) => turn.content === rejected.prompt[i]!.content);
    if (!same) throw new RowFault('prompts_differ', 'rejected');
    return {
      kind: 'comparison',
      prompt: chosen.prompt,
      responses: [chosen.answer, rejected.answer],
      outcome: 'a',
      provenance: provenanceOf(place, { annotatorKind: 'human' }),
    };
  },
};

/**
 * Splits a transcript into its turns. Turns of one speaker in a row are one turn: in four of the 1,866 rows of
 * harmless-base/test the assistant answers twice on one side only, and both parts are its answer.
 */
const turnsOf = (transcript: string, field: string): Message[] => {
  const text = transcript.trimStart();
  const starts = [...text.matchAll(turnStart)];
  if (starts.length === 0 || starts[0]!.index !== 0) throw new RowFault('bad_field', field);
  const turns: Message[] = [];
  for (const [i, start] of starts.entries()) {
    const role = speakers[start[1] as keyof typeof speakers];
    const content = text.slice(start.index + start[0].length, starts[i + 1]?.index).trim();
    const previous = turns.at(-1);
    if (previous?.role === role) previous.content = `${previous.content}\n\n${content}`.trim();
    else turns.push({ role, content });
  }
  return turns;
};

const dialogue = (row: Row, field: string): { prompt: Prompt; answer: string } => {
  const turns = turnsOf(responseText(row, field), field);
  const last = turns.pop()!;
  if (last.role !== 'assistant') throw new RowFault('no_answer', field);
  if (turns.length === 0) throw new RowFault('missing_prompt', field);
  if (turns.every((turn) => turn.content === '')) throw new RowFault('empty_prompt', field);
  return { prompt: turns, answer: last.content };
};
