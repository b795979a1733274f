/** @file What a reader must know before using a model: the report's warning box, also for the command line. */
import { fewestClusters } from '@plaudit/feedback';
import type { ValidationDocument } from '../validation/document.ts';
import { baselineInWords, judgedCount } from '../validation/words.ts';

/** Below this many pairs an accuracy near 0.6 has an interval of more than ten points. */
const smallTest = 300;
const fewPrompts = 100;

/** Sentences in plain words; empty when there is nothing to warn about. */
export const warningsOf = (v: ValidationDocument): string[] => {
  const warnings: string[] = [];
  if (Object.values(v.canaries).some((canary) => canary?.passed === false))
    warnings.push(
      'A check of the evaluation itself failed: the numbers on this page cannot be trusted. Please report this as a fault of Plaudit.',
    );
  const { difference, interval } = v.overLengthBaseline;
  const ofPairs = (v.judged ?? 'pairs') === 'pairs';
  const baseline = baselineInWords(v);
  if (difference <= 0)
    warnings.push(
      `It does not beat ${baseline}: it has learnt nothing on this data that ${ofPairs ? 'length does not say' : 'the more frequent answer does not give'}.`,
    );
  else if (interval[0] <= 0) warnings.push(`Its lead over ${baseline} is within chance on this test set.`);
  if (v.prompts < fewestClusters)
    warnings.push(
      `The ${ofPairs ? 'comparisons' : 'judgements'} come from only ${v.prompts} different prompt${v.prompts === 1 ? '' : 's'}, and those of one prompt are not independent: the accuracy says next to nothing about other prompts.`,
    );
  else if (v.pairs < smallTest || v.prompts < fewPrompts)
    warnings.push(
      `The test set is small (${judgedCount(v)} of ${v.prompts} different prompts): the intervals are wide, and another sample could look different.`,
    );
  return warnings;
};
