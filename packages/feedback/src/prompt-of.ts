/** @file What a judgement is about, in files without prompts too. */
import type { Judgement, Prompt } from '@plaudit/contract';
import { absentPromptSegment } from './readers/formats/format.ts';
import { responsesOf } from './responses-of.ts';

/** The judgement's prompt; its responses where the prompt only stands for one that nobody knows, the same in all rows. */
export const promptOf = (judgement: Judgement): Prompt =>
  judgement.provenance.segments?.prompt === absentPromptSegment.prompt
    ? responsesOf(judgement).map((content) => ({ role: 'user', content }))
    : judgement.prompt;
