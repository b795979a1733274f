/** @file Scoring a batch in the model's own thread: each item has its own outcome, and a failure is never a reward. */
import { PlauditError, plauditError } from '@plaudit/contract';
import type { RewardModel, Score, ScoreItem } from '@plaudit/reward';
import { type Fitted, fit, formatterOf } from './fit.ts';
import { failureOf, type Outcome, type WorkItem } from './protocol.ts';

type Fits = Extract<Fitted, { readonly item: unknown }>;

/** Whatever scoring throws, as an error of the table. Texts of programs can hold rows, so that theirs are not repeated. */
export const servingError = (version: string, error: unknown): PlauditError =>
  error instanceof PlauditError
    ? error
    : plauditError(
        'serving.failed',
        { model: version, problem: error instanceof Error ? error.constructor.name : 'it threw no error' },
        error,
      );

const fitted = (model: RewardModel, item: WorkItem, version: string): Fitted => {
  const formatter = formatterOf(model);
  try {
    if (formatter) return fit(formatter, item);
  } catch (error) {
    return { error: failureOf(servingError(version, error)) };
  }
  // Without a length there is nothing to cut.
  if (item.truncation === 'right' && model.card.formattingDigest !== null)
    return { error: failureOf(plauditError('serving.cut_unknown', { kind: model.kind })) };
  return { item, tokens: item.responses.map(() => null), truncated: item.responses.map(() => false) };
};

/** A copy without what belongs to serving: a model sees what it sees everywhere else. */
const plain = ({ prompt, responses, steps, segments }: WorkItem): ScoreItem => ({
  prompt,
  responses,
  ...(steps && { steps }),
  ...(segments && { segments }),
});

interface Scored {
  readonly scores: readonly Score[];
  /** Whether tokens were lost that nobody measured beforehand. */
  readonly cut: boolean;
}

/**
 * Scores items together and, where that fails or an unknown one of them was cut, each by itself: one item that cannot be
 * scored takes nothing from the others.
 *
 * @throws the signal's reason
 */
const scoreEach = async (
  model: RewardModel,
  items: readonly WorkItem[],
  version: string,
  signal: AbortSignal,
): Promise<readonly (Scored | PlauditError)[]> => {
  let cut = 0;
  try {
    const scores = await model.score(items.map(plain), {
      signal,
      onTruncated: (count) => {
        cut = count;
      },
    });
    if (cut === 0 || cut === items.length) return scores.map((own) => ({ scores: own, cut: cut > 0 }));
  } catch (error) {
    signal.throwIfAborted();
    if (items.length === 1) return [servingError(version, error)];
  }
  const each: (Scored | PlauditError)[] = [];
  for (const item of items) each.push(...(await scoreEach(model, [item], version, signal)));
  return each;
};

const outcomeOf = ({ item, tokens, truncated }: Fits, scored: Scored, measured: boolean): Outcome => {
  const bad = scored.scores.find(({ reward }) => !Number.isFinite(reward));
  if (bad) return { error: failureOf(plauditError('reward.not_finite', { activity: 'scoring' })) };
  if (!measured && scored.cut && item.truncation === 'error')
    return { error: failureOf(plauditError('serving.too_long', { problem: 'tokens would be cut' })) };
  const which = (i: number): boolean | null =>
    measured || !scored.cut ? truncated[i]! : scored.scores.length === 1 ? true : null;
  return {
    scores: scored.scores.map((score, i) => ({ ...score, tokens: tokens[i]!, truncated: which(i) })),
  };
};

/**
 * The outcomes of a batch, in its order.
 *
 * @param version As messages name the model
 * @throws the signal's reason
 */
export const scoreBatch = async (
  model: RewardModel,
  items: readonly WorkItem[],
  version: string,
  signal: AbortSignal,
): Promise<readonly Outcome[]> => {
  const measured = formatterOf(model) !== null;
  const all = items.map((item) => fitted(model, item, version));
  const fits = all.filter((one): one is Fits => 'item' in one);
  const scored =
    fits.length === 0
      ? []
      : await scoreEach(
          model,
          fits.map(({ item }) => item),
          version,
          signal,
        );
  let next = 0;
  return all.map((one): Outcome => {
    if ('error' in one) return one;
    const result = scored[next++]!;
    return result instanceof PlauditError ? { error: failureOf(result) } : outcomeOf(one, result, measured);
  });
};
