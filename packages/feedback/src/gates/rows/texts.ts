/** @file Rows whose texts are empty, or longer than a model will read. */
import { z } from 'zod';
import type { CheckedRow } from '../checked-row.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable, type RunningGate } from '../gate.ts';
import { counted, finePercent, plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

/** A gate whose value is the share of rows that show something. */
const shareOfRows = (shows: (row: CheckedRow) => boolean, say: (rows: number) => string): RunningGate => {
  const evidence = new Evidence();
  let rows = 0;
  return {
    add: (row) => {
      rows++;
      if (shows(row)) evidence.add(row.reference);
    },
    finish: () => {
      if (rows === 0) return notApplicable('There are no judgements.', 'judgements');
      const { total } = evidence.found;
      return {
        value: total / rows,
        n: rows,
        noun: 'judgements',
        reason: total === 0 ? say(0) : `${say(total)} (${finePercent(total / rows)}).`,
        evidence: evidence.found,
      };
    },
  };
};

const isBlank = (text: string): boolean => text.trim() === '';

export const emptyTexts = defineGate({
  name: 'empty-texts',
  title: 'Empty texts',
  family: 'rows',
  unit: 'share',
  required: true,
  memory: 'nothing',
  fix: 'Drop these rows, or find out where their texts were lost: an empty answer that wins teaches a model to say nothing.',
  settings: z.strictObject(thresholds({ most: 0 }, { most: 0.01 })),
  start: () =>
    shareOfRows(
      ({ promptText, responses }) => isBlank(promptText) || responses.some(isBlank),
      (rows) =>
        rows === 0
          ? 'Every prompt and every response holds text.'
          : `${plural(rows, 'judgement')} ${rows === 1 ? 'has' : 'have'} an empty prompt or response`,
    ),
});

export const longTexts = defineGate({
  name: 'long-texts',
  title: 'Very long texts',
  family: 'rows',
  unit: 'share',
  required: false,
  memory: 'nothing',
  fix: 'Raise the maximum length of training, or drop these rows: what is cut off cannot be learnt from, and two long answers may look the same after the cut.',
  settings: z.strictObject({
    ...thresholds({ most: 0.01 }, null),
    /** Characters of a prompt with its longest response; 16,000 are about 4,000 tokens of English. */
    characters: z.number().int().positive().default(16_000),
  }),
  start: ({ characters }) =>
    shareOfRows(
      ({ promptText, responses }) =>
        promptText.length + responses.reduce((most, { length }) => Math.max(most, length), 0) > characters,
      (rows) =>
        rows === 0
          ? `No prompt with its response is longer than ${counted(characters)} characters.`
          : `${plural(rows, 'judgement')} ${rows === 1 ? 'has' : 'have'} a prompt and response of more than ${counted(characters)} characters`,
    ),
});
