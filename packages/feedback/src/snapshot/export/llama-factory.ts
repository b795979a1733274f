/** @file LLaMA-Factory's ShareGPT sets: a ranking of two, and thumbs for KTO.
 * @see https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md
 */
import type { Label, Message, Prompt } from '@plaudit/contract';
import { ExportFault, type ExportRow } from './column.ts';
import { as, columns, type ExportFormat, preferred, preferredKinds } from './format.ts';

const speakers = { user: 'human', assistant: 'gpt', tool: 'observation' } as const;

const turnOf = ({ role, content }: Message): { from: string; value: string } => {
  // A system message has a column of its own, and so stands first or nowhere.
  if (role === 'system') throw new ExportFault('roles');
  return { from: speakers[role], value: content };
};

/** A system message of nothing but white space would not be read back. */
const conversationOf = (prompt: Prompt): ExportRow & { conversations: object[] } => {
  const [first, ...rest] = prompt;
  const system = first?.role === 'system' && rest.length > 0 ? first.content : undefined;
  if (system?.trim() === '') throw new ExportFault('text_trimmed');
  return { system, conversations: (system === undefined ? prompt : rest).map(turnOf) };
};

const answer = (value: string): object => ({ from: 'gpt', value });

export const llamaFactory: ExportFormat<'llama-factory'> = {
  name: 'llama-factory',
  columns: [...columns('json', 'conversations', 'chosen', 'rejected'), ...columns('text', 'system')],
  containers: ['jsonl', 'json'],
  kinds: preferredKinds,
  keeps: [],
  row(judgement) {
    const { prompt, chosen, rejected } = preferred(judgement);
    return { ...conversationOf(prompt), chosen: answer(chosen), rejected: answer(rejected) };
  },
};

export const llamaFactoryKto: ExportFormat<'llama-factory-kto'> = {
  name: 'llama-factory-kto',
  columns: [
    ...columns('json', 'conversations'),
    ...columns('text', 'system'),
    ...columns('truth', 'kto_tag'),
  ],
  containers: ['jsonl', 'json'],
  kinds: ['label'],
  keeps: [],
  row(judgement) {
    const { prompt, response, desirable } = as<Label>(judgement, 'label');
    const { system, conversations } = conversationOf(prompt);
    return { system, conversations: [...conversations, answer(response)], kto_tag: desirable };
  },
};
