/** @file How far a task is, and how often an annotator agrees with the others. */
import { wilsonInterval } from '@plaudit/feedback';
import type { LabellingTask, Store, Vote } from '@plaudit/store';
import { type Shown, votesAgree } from './answer.ts';
import type { Annotator } from './session.ts';
import { rubricOf } from './session.ts';

/** Items at least before a share is told: of fewer one could read what others said of a certain item. */
const fewestShared = 5;
/** An annotator's last items that agreement is taken over. */
const recentItems = 200;

export interface Agreement {
  /** Items that the annotator and others have judged. */
  readonly items: number;
  /** Pairs of one's own vote and another's, on the same item, that say the same; absent below `fewestShared` items. */
  readonly share?: number;
  /** Wilson's, at 95 %, with items as the count: the votes on one item hang together. */
  readonly interval?: readonly [number, number];
}

/** Agreement of an annotator with each other annotator of the same items, each item counted once. */
export const agreementOf = (
  votes: readonly Vote[],
  annotator: string,
  criteria: Shown['criteria'],
): Agreement => {
  const shares = [...Map.groupBy(votes, ({ item }) => item).values()].flatMap((of) => {
    const mine = of.find((one) => one.annotator === annotator);
    const others = of.filter((one) => one.annotator !== annotator);
    if (!mine || mine.vote === null || others.length === 0) return [];
    return others.filter((one) => votesAgree(mine.vote, one.vote, criteria)).length / others.length;
  });
  if (shares.length < fewestShared) return { items: shares.length };
  const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  return { items: shares.length, share, interval: wilsonInterval(share, shares.length) };
};

export const progressOf = async (store: Store, task: LabellingTask, annotator: Annotator) => {
  const counts = await store.labelling.counts(task.id);
  const mine = await store.labelling.judgedBy(task.id, annotator.id);
  const recent = await store.labelling.recent(task.id, annotator.id, recentItems);
  const items = recent
    .filter(({ state, purpose }) => state === 'done' && (purpose === 'label' || purpose === 'control'))
    .map(({ item }) => item);
  const votes = items.length === 0 ? [] : await store.labelling.votes({ items });
  const rubric = await rubricOf(store, task);
  return { ...counts, mine, agreement: agreementOf(votes, annotator.id, rubric?.criteria ?? []) };
};
