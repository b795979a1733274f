/** @file Whether there are enough judgements to learn from. */
import { z } from 'zod';
import { defineGate } from '../gate.ts';
import { plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

export const size = defineGate({
  name: 'size',
  title: 'Number of judgements',
  family: 'rows',
  unit: 'count',
  required: false,
  memory: 'nothing',
  fix: 'Collect more judgements, on different prompts rather than more on the same. Below 300 a test set cannot tell 60 % from 70 %.',
  settings: z.strictObject(thresholds({ least: 300 }, { least: 20 })),
  start: () => {
    let rows = 0;
    return {
      add: () => {
        rows++;
      },
      finish: () => ({
        value: rows,
        n: rows,
        noun: 'judgements',
        reason:
          rows === 0
            ? 'There are no judgements.'
            : `There ${rows === 1 ? 'is' : 'are'} ${plural(rows, 'judgement')}.`,
      }),
    };
  },
});
