/** @file Feedback into the store: impressions first, then what was done about them; each entry succeeds or fails by itself. */
import { PlauditError, plauditError } from '@plaudit/contract';
import type { Store } from '@plaudit/store';
import type { z } from 'zod';
import type { FeedbackBody, feedbackAnswer, GivenSignal, NewShown } from './documents.ts';
import { judgementOf } from './judgement-of.ts';
import type { Doing } from './kept-request.ts';
import type { Cleaned, FeedbackPrivacy } from './privacy.ts';

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

interface Taking {
  readonly store: Store;
  readonly privacy: FeedbackPrivacy;
  readonly at: Date;
}

/** What an entry says of personal data in its texts, where there was some. */
const findings = ({ found }: Pick<Cleaned<unknown>, 'found'>) =>
  Object.keys(found).length > 0 ? { personal_data: { ...found } } : {};

const takeImpression = async (
  { store, privacy }: Taking,
  { model, probability, user, surface, could_answer: couldAnswer, ...given }: NewShown,
  ids: readonly string[],
): Promise<{ readonly ids: string[] }> => {
  const cleaned = await privacy.shown(given);
  const { prompt, responses } = cleaned.texts;
  // Whoever was shown an answer wrote the prompt: an erasure of that person takes it.
  const subjects = [...new Set([...(user === undefined ? [] : [user]), ...cleaned.subjects])];
  const promptId = await store.prompts.add(prompt, subjects);
  const version = model === undefined ? undefined : await modelOf(store, model);
  const logged: string[] = [];
  for (const [position, response] of responses.entries())
    logged.push(
      await store.impressions.log({
        id: ids[position]!,
        prompt: promptId,
        response: await store.prompts.addResponse(promptId, response, cleaned.subjects),
        ...{ position, surface, couldAnswer },
        ...(probability !== undefined && { probability }),
        ...(version !== undefined && { model: version }),
        ...(user !== undefined && { subject: user }),
      }),
    );
  return { ids: logged, ...findings(cleaned) };
};

const takeSignal = async (
  { store, privacy, at }: Taking,
  given: GivenSignal,
  id: string,
  dataset: string,
): Promise<{ readonly id: string; readonly judgement?: string }> => {
  const { impression, signal, ...value } = given;
  // A judgement that cannot be made is refused before its signal is kept.
  const said = await judgementOf(store, given, at);
  if (!said) return { id: await store.impressions.signal(impression, signal, value, id) };
  const cleaned = await privacy.said(said);
  const { texts: judgement, subjects } = cleaned;
  const kept = judgement.kind === 'edit' ? { ...value, text: judgement.rewrite } : value;
  await store.impressions.signal(impression, signal, kept, id);
  return { id, judgement: await store.judgements.add(dataset, judgement, subjects), ...findings(cleaned) };
};

/** @param doing Its time, and its ids: taken in the same order each time that the same request is done */
export const takeFeedback = async (
  store: Store,
  privacy: FeedbackPrivacy,
  body: FeedbackBody,
  { at, newId }: Doing,
): Promise<Answer> => {
  const taking = { store, privacy, at };
  const shownIds = body.impressions.map(({ ids, responses }) => ids ?? responses.map(() => newId()));
  const signalIds = body.signals.map(() => newId());
  const impressions: Answer['impressions'] = [];
  for (const [i, shown] of body.impressions.entries())
    impressions.push(await entry(() => takeImpression(taking, shown, shownIds[i]!)));
  const signals: Answer['signals'] = [];
  for (const [i, given] of body.signals.entries())
    signals.push(await entry(() => takeSignal(taking, given, signalIds[i]!, body.dataset)));
  return { object: 'feedback', impressions, signals };
};
