/** @file The judgement that a person's explicit word on something shown is. */
import { type Judgement, type Prompt, type Provenance, plauditError } from '@plaudit/contract';
import type { Store } from '@plaudit/store';
import type { GivenSignal } from './documents.ts';

type Impression = Awaited<ReturnType<Store['impressions']['get']>>;

interface Shown {
  readonly impression: Impression;
  readonly prompt: Prompt;
  readonly response: string;
}

/** @throws PlauditError store.unknown, also for what has been erased */
const shownAt = async (store: Store, id: string): Promise<Shown> => {
  const impression = await store.impressions.get(id);
  const { prompt, responses } = await store.prompts.get(impression.prompt);
  const response = responses.find((one) => one.id === impression.response)?.text;
  if (prompt === undefined || response === undefined)
    throw plauditError('store.unknown', {
      what: 'text of impression',
      name: id,
      project: store.project.name,
    });
  return { impression, prompt, response };
};

/**
 * @returns null for what is done and not said: declared rules decide what that means
 * @throws PlauditError store.unknown; request.invalid for two responses that answer different prompts
 */
export const judgementOf = async (store: Store, given: GivenSignal, at: Date): Promise<Judgement | null> => {
  if (!['thumb', 'edit', 'rating', 'preference'].includes(given.signal)) return null;
  const { impression, prompt, response } = await shownAt(store, given.impression);
  const { subject, probability, surface } = impression;
  const provenance: Provenance = {
    source: 'feedback',
    ...(subject !== null && { annotator: subject }),
    annotatorKind: 'human',
    time: at.toISOString(),
    ...(probability !== null && { selectionProbability: probability }),
    segments: { surface, signal: given.signal },
  };
  switch (given.signal) {
    case 'thumb':
      return { kind: 'label', prompt, response, desirable: given.up, provenance };
    case 'edit':
      return { kind: 'edit', prompt, response, rewrite: given.text, provenance };
    case 'rating': {
      const { value, scale, criterion } = given;
      return { kind: 'rating', prompt, response, value, scale, ...(criterion && { criterion }), provenance };
    }
    case 'preference': {
      const other = await shownAt(store, given.over);
      if (other.impression.prompt !== impression.prompt)
        throw plauditError('request.invalid', {
          problem: 'signals: the two responses answer different prompts',
        });
      const { criterion, strength } = given;
      return {
        kind: 'comparison',
        prompt,
        responses: [response, other.response],
        outcome: given.outcome === 'better' ? 'a' : given.outcome,
        ...(strength && { strength }),
        ...(criterion && { criterion }),
        provenance: { ...provenance, shownFirst: impression.position <= other.impression.position ? 0 : 1 },
      };
    }
    default:
      return null;
  }
};
