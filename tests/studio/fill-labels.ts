/** @file A task of the filled project that two people have half done: its model has learned, and on some items they differ. */
import type { Comparison } from '@plaudit/contract';
import type { Store } from '@plaudit/store';
import { annotatorOf, giveAnswer, nextItems } from '../../packages/server/src/labelling/session.ts';

/** The first says what the simulation says, the second the opposite of every sixth item. */
const people = ['user:ben', 'user:cleo'];
/** The first items of the task. */
export const labelled = 48;

export const fillLabels = async (
  store: Store,
  task: string,
  comparisons: readonly Comparison[],
): Promise<void> => {
  const outcomes = new Map(
    comparisons.flatMap(({ responses: [a, b], outcome }) => [
      [`${a}\n${b}`, { a: 'first', b: 'second' }[outcome as string] ?? 'tie'],
      [`${b}\n${a}`, { a: 'second', b: 'first' }[outcome as string] ?? 'tie'],
    ]),
  );
  for (const [at, person] of people.entries()) {
    const annotator = await annotatorOf(store, { person });
    for (let count = 0; count < labelled; count++) {
      const [item] = await nextItems(store, task, annotator, 1, () => null);
      const said = outcomes.get(item!.responses.join('\n')) ?? 'tie';
      const other = said === 'first' ? 'second' : 'first';
      const outcome = (at === 1 && count % 6 === 5 ? other : said) as 'first' | 'second' | 'tie';
      const answer = { kind: 'pairwise', outcome } as const;
      await giveAnswer(store, item!.assignment, annotator, { answer, seconds: 6 + (count % 9) });
    }
  }
};
