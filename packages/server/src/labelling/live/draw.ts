/** @file Which item comes next where a model may ask for some: mostly those of which it is least certain, and a share of any. */
import type { Random } from '@plaudit/contract';
import type { ItemDraw } from '@plaudit/store';
import type { LiveState } from './task-model.ts';

/** Answers before a model's wishes count. */
const fewestAnswers = 20;
/** The wanted item in place r is drawn with a weight of r^-4, as `data select` does at its default temperature. */
const power = -4;

/**
 * A share of the showings is the next item in the task's order, which is random: held-out items come by that alone, so that
 * the model's accuracy on them is that on all. The others are drawn from what the model wants. Whatever is drawn, its
 * probability among all items that are left is known.
 *
 * @see Kirsch et al. 2023, "Stochastic Batch Acquisition", softrank
 */
export const drawByDoubt = (
  known: Pick<LiveState, 'answers' | 'wanted'> | null,
  uniformShare: number,
  random: Random,
): ItemDraw => ({
  wanted: known && known.answers >= fewestAnswers ? known.wanted.map(({ item }) => item) : [],
  choose(wanted, left) {
    const share = wanted === 0 ? 1 : uniformShare;
    const weights = Array.from({ length: wanted }, (_, place) => (place + 1) ** power);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const probabilityOf = (place: number | null): number =>
      Math.min(1, share / left + (place === null ? 0 : ((1 - share) * weights[place]!) / total));
    if (random.uniform() < share) return { wanted: null, selectedBy: 'uniform', probabilityOf };
    let rest = random.uniform() * total;
    const place = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    return { wanted: place < 0 ? wanted - 1 : place, selectedBy: 'entropy', probabilityOf };
  },
});
