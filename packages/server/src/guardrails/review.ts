/** @file Reviews: what a guard held back waits for a person, whose decision becomes a judgement to learn from. */
import { type Label, type Prompt, plauditError } from '@plaudit/contract';
import type { Review, Store } from '@plaudit/store';
import type { GuardVerdict } from './guard.ts';

/** Where decisions go. */
const reviewDataset = 'reviews';
/** What a decision speaks of. */
const reviewCriterion = 'safety';

/** Holds a response. @returns The id of its review: the same one while the same response waits */
export const holdForReview = async (
  store: Store,
  held: {
    readonly prompt: Prompt;
    readonly response: string;
    readonly deployment?: string;
    readonly verdict: GuardVerdict;
  },
): Promise<string> => {
  const prompt = await store.prompts.add(held.prompt);
  const response = await store.prompts.addResponse(prompt, held.response);
  return store.reviews.open({
    ...{ prompt, response, reasons: held.verdict.reasons.map(({ reason }) => reason) },
    ...(held.deployment !== undefined && { deployment: held.deployment }),
  });
};

export interface ReviewTexts {
  readonly prompt: Prompt;
  readonly response: string;
}

/** null where they have been erased. */
export const textsOf = async (store: Store, review: Review): Promise<ReviewTexts | null> => {
  const { prompt, responses } = await store.prompts.get(review.prompt);
  const response = responses.find(({ id }) => id === review.response)?.text;
  return prompt === undefined || response === undefined ? null : { prompt, response };
};

/**
 * Allows or blocks a response, and adds the label that says so to the data set of reviews.
 *
 * @throws PlauditError store.overtaken where somebody else was quicker; guardrail.text_gone
 */
export const decideReview = async (
  store: Store,
  id: string,
  by: { readonly decision: 'allow' | 'block'; readonly actor: string; readonly at: Date },
): Promise<Review> => {
  const review = await store.reviews.get(id);
  if (review.state !== 'open') throw plauditError('store.overtaken', { what: 'review', name: id });
  const texts = await textsOf(store, review);
  if (!texts) throw plauditError('guardrail.text_gone', { review: id });
  const label: Label = {
    ...{ kind: 'label', ...texts, prompt: [...texts.prompt], desirable: by.decision === 'allow' },
    criterion: reviewCriterion,
    provenance: {
      ...{ source: `review ${id}`, annotator: by.actor, annotatorKind: 'human' },
      ...{ time: by.at.toISOString(), segments: { reviewed: 'yes' } },
    },
  };
  const judgement = await store.judgements.add(reviewDataset, label);
  try {
    const decided = await store.reviews.decide(id, { decision: by.decision, actor: by.actor, judgement });
    await store.audit.append({
      ...{ actor: by.actor, action: 'review.decide', resource: `review ${id}` },
      details: { decision: by.decision, judgement },
    });
    return decided;
  } catch (error) {
    // Whoever was quicker has decided: this word does not count as well.
    if ((error as { code?: string }).code === 'store.overtaken')
      await store.judgements.retract(judgement, { actor: by.actor, reason: 'decided by somebody else' });
    throw error;
  }
};
