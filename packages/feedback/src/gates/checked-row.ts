/** @file A judgement as the gates see it: its texts, its keys and what it decides, worked out once for all of them. */
import type { Judgement, Prompt } from '@plaudit/contract';
import { textKey } from '../duplicates/text-key.ts';
import { promptOf } from '../prompt-of.ts';
import { responsesOf } from '../responses-of.ts';
import { type Decision, decisionsOf } from './decisions.ts';
import type { RowReference } from './document.ts';
import { wordsOf } from './text-words.ts';

export interface CheckedRow {
  readonly judgement: Judgement;
  readonly reference: RowReference;
  /** What the judgement is about: its prompt or, of a file without prompts, the responses. */
  readonly prompt: Prompt;
  /** The same for every judgement of one prompt. */
  readonly promptKey: number;
  /** Contents of all turns of the prompt. */
  readonly promptText: string;
  readonly responses: readonly string[];
  /** Pairs of responses of which the judgement says which is better, or that they are equal. */
  readonly decisions: readonly Decision[];
  /** Words of the prompt, then of each response. */
  readonly words: readonly (readonly string[])[];
}

/** @param position 1-based place among the judgements that are checked */
export const checkedRow = (judgement: Judgement, position: number): CheckedRow => {
  const { provenance } = judgement;
  const prompt = promptOf(judgement);
  const responses = responsesOf(judgement);
  const promptText = prompt.length === 1 ? prompt[0]!.content : prompt.map((turn) => turn.content).join('\n');
  let words: CheckedRow['words'] | undefined;
  return {
    judgement,
    reference: { source: provenance.source, row: provenance.row ?? null, position },
    prompt,
    promptKey: textKey(prompt.map(({ role, content }) => `${role} ${content.length} ${content}`).join('\n')),
    promptText,
    responses,
    decisions: decisionsOf(judgement),
    get words() {
      words ??= [promptText, ...responses].map(wordsOf);
      return words;
    },
  };
};
