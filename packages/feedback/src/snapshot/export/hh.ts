/** @file HH-RLHF transcripts: two whole dialogues that share all but the last answer.
 * @see Bai et al. 2022, https://github.com/anthropics/hh-rlhf
 */
import type { Prompt } from '@plaudit/contract';
import { ExportFault } from './column.ts';
import { columns, type ExportFormat, preferred, preferredKinds } from './format.ts';

const speakers = { user: 'Human', assistant: 'Assistant' } as const;
/** What ends a turn and starts the next one. */
const mark = /\n\n(?:Human|Assistant):/;

export const hh: ExportFormat<'hh'> = {
  name: 'hh',
  columns: columns('text', 'chosen', 'rejected'),
  kinds: preferredKinds,
  keeps: [],
  row(judgement) {
    const { prompt, chosen, rejected } = preferred(judgement);
    return { chosen: transcript(prompt, chosen), rejected: transcript(prompt, rejected) };
  },
};

const transcript = (prompt: Prompt, answer: string): string =>
  [...prompt, { role: 'assistant' as const, content: answer }]
    .map(({ role, content }, i) => {
      // A human starts, the two take turns, and the human speaks last before the answer.
      if (role !== (i % 2 === 0 ? 'user' : 'assistant')) throw new ExportFault('roles');
      if (content !== content.trim()) throw new ExportFault('text_trimmed');
      if (mark.test(content)) throw new ExportFault('marks_in_text');
      return `\n\n${speakers[role]}: ${content}`;
    })
    .join('');
