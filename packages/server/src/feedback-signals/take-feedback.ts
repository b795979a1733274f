/** @file Feedback into the store: impressions first, then what was done about them; each entry succeeds or fails by itself. */
import { PlauditError, plauditError } from '@plaudit/contract';
import type { Store } from '@plaudit/store';
import type { z } from 'zod';
import type { FeedbackBody, feedbackAnswer, GivenSignal, NewShown } from './documents.ts';
import { judgementOf } from './judgement-of.ts';

type Answer = z.input<typeof feedbackAnswer>;

/** @throws what is no fault of the entry's */
const entry = async <T extends object>(work: () => Promise<T>) => {
  try {
    return { status: 'ok' as const, ...(await work()) };
  } catch (error) {
    // A database that is away fails all of them, and the caller sends all of them again.
    if (!(error instanceof PlauditError) || error.status >= 500) throw error;
    const { code, message, cure } = error;
    return { status: 'error' as const, error: { code, message, cure } };
  }
};

/** The id of a model version that is named as NAME@VERSION. @throws PlauditError store.unknown */
const modelOf = async (store: Store, name: string): Promise<string> => {
  const [, family, version] = /^(.+)@(\d{1,9})$/.exec(name) ?? [];
  if (family === undefined)
    throw plauditError('store.unknown', {
      what: 'model',
      name: 'without @VERSION',
      project: store.project.name,
    });
  return (await store.models.find(family, Number(version))).id;
};

const takeImpression = async (store: Store, shown: NewShown): Promise<{ readonly ids: string[] }> => {
  const { ids, prompt, responses, surface, model, probability, could_answer: couldAnswer, user } = shown;
  // Whoever was shown an answer wrote the prompt: an erasure of that person takes it.
  const promptId = await store.prompts.add(prompt, user === undefined ? [] : [user]);
  const version = model === undefined ? undefined : await modelOf(store, model);
  const logged: string[] = [];
  for (const [position, response] of responses.entries())
    logged.push(
      await store.impressions.log({
        ...(ids && { id: ids[position]! }),
        prompt: promptId,
        response: await store.prompts.addResponse(promptId, response),
        position,
        surface,
        couldAnswer,
        ...(probability !== undefined && { probability }),
        ...(version !== undefined && { model: version }),
        ...(user !== undefined && { subject: user }),
      }),
    );
  return { ids: logged };
};

const takeSignal = async (
  store: Store,
  given: GivenSignal,
  dataset: string,
  at: Date,
): Promise<{ readonly id: string; readonly judgement?: string }> => {
  const { impression, signal, ...value } = given;
  // A judgement that cannot be made is refused before its signal is kept.
  const judgement = await judgementOf(store, given, at);
  const id = await store.impressions.signal(impression, signal, value);
  if (!judgement) return { id };
  return { id, judgement: await store.judgements.add(dataset, judgement) };
};

/** @param at When it came in */
export const takeFeedback = async (store: Store, body: FeedbackBody, at: Date): Promise<Answer> => {
  const impressions: Answer['impressions'] = [];
  for (const shown of body.impressions) impressions.push(await entry(() => takeImpression(store, shown)));
  const signals: Answer['signals'] = [];
  for (const given of body.signals)
    signals.push(await entry(() => takeSignal(store, given, body.dataset, at)));
  return { object: 'feedback', impressions, signals };
};
