/** @file Whether prompts of a test set, or near-duplicates of them, are in the data that a model is trained on. */
import type { Judgement } from '@plaudit/contract';
import { z } from 'zod';
import type { PromptClusters } from '../../near-duplicates.ts';
import { promptOf } from '../../prompt-of.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable, type Observation } from '../gate.ts';
import { percent, plural, shortName } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

export const leakage = defineGate({
  name: 'leakage',
  title: 'Leakage into the held-out set',
  family: 'duplicates and leakage',
  unit: 'share',
  required: true,
  memory: 'distinct prompts',
  fix: 'Split by whole clusters of near-duplicate prompts (splitByPrompt does), or take these rows out of the training data: what a model has seen in training tests its memory.',
  settings: z.strictObject(thresholds({ most: 0 }, { most: 0.01 })),
  start: (_, shared, { heldOut }) => {
    if (!heldOut)
      return {
        finish: () => notApplicable('No held-out set was given to compare with.', 'held-out judgements'),
      };
    const { prompts } = shared;
    return { finish: () => leakageInto(prompts, heldOut.name, heldOut.judgements) };
  },
});

/** Adds the held-out prompts to those of the training data, and looks at which clusters hold both. */
const leakageInto = (prompts: PromptClusters, name: string, heldOut: Iterable<Judgement>): Observation => {
  const trained = prompts.size;
  const evidence = new Evidence();
  const references = [];
  for (const judgement of heldOut) {
    const { provenance } = judgement;
    prompts.add(promptOf(judgement));
    references.push({
      source: provenance.source,
      row: provenance.row ?? null,
      position: references.length + 1,
    });
  }
  if (references.length === 0) return notApplicable('The held-out set is empty.', 'held-out judgements');
  const clusters = prompts.clusters();
  const seen = new Set(clusters.subarray(0, trained));
  for (const [i, reference] of references.entries())
    if (seen.has(clusters[trained + i]!)) evidence.add(reference);
  const { total } = evidence.found;
  const value = total / references.length;
  return {
    value,
    n: references.length,
    noun: 'held-out judgements',
    reason:
      total === 0
        ? `None of ${plural(references.length, 'judgement')} of ${shortName(name)} has a prompt that is in the training data, or a near-duplicate of one.`
        : `${plural(total, 'judgement')} of ${references.length.toLocaleString('en')} in ${shortName(name)} (${percent(value)}) ${total === 1 ? 'has' : 'have'} a prompt that is in the training data, word for word, nearly so, or as a beginning of the same conversation. The rows listed are those of the held-out set.`,
    evidence: evidence.found,
  };
};
