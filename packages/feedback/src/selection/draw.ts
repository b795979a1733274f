/**
 * @file Drawing a batch without replacement and under limits, with the probability that each pair had of being in it.
 *
 * Every pair of a lot has a clock, cᵢ = aᵢ + T ln Eᵢ with an exponential Eᵢ. The pairs whose clocks ring first are taken, as
 * long as there is room in the batch and in their group. With T = 1 the next to ring is i with probability proportional to
 * exp(-aᵢ); with T = 0 the order is that of a, and nothing is left to chance.
 *
 * Given everybody else's clocks a pair is in the batch exactly when its own rings before the moment τ at which, without it,
 * the batch or its group would be full. That has the probability 1 - exp(-exp((τ - aᵢ) / T)). Sums over the batch that are
 * weighted by its reciprocal are unbiased for sums over the pool: the expectation over the pair's own clock is right
 * whatever the others' are.
 *
 * @see Efraimidis and Spirakis 2006 for the draw; Cohen and Kaplan 2008, "rank conditioning", for the probability
 */
import type { Random } from '@plaudit/contract';

/** A way of drawing the pairs of a pool. */
export interface Lot {
  /** a, by pair. */
  readonly locations: Float64Array;
  /** T, at least 0. */
  readonly temperature: number;
  /** c, by pair. */
  readonly clocks: Float64Array;
  /** Pairs in the order in which their clocks ring. */
  readonly order: Uint32Array;
}

/** @param ties Of two pairs whose clocks ring together the one that comes first here is taken */
export const lotOf = (
  locations: Float64Array,
  temperature: number,
  random: Random,
  ties: Uint32Array,
): Lot => {
  const clocks = locations.map((location) => {
    const waiting = -Math.log1p(-random.uniform());
    return temperature === 0 ? location : location + temperature * Math.log(waiting);
  });
  return { locations, temperature, clocks, order: ties.slice().sort((i, j) => clocks[i]! - clocks[j]!) };
};

/** P(cᵢ < τ) */
const ringsBefore = ({ locations, temperature }: Lot, pair: number, moment: number): number => {
  const ahead = moment - locations[pair]!;
  return temperature === 0 ? Number(ahead > 0) : -Math.expm1(-Math.exp(ahead / temperature));
};

/** How many pairs a batch may hold of one group, and the group of each pair. */
interface Limits {
  readonly groups: Uint32Array;
  readonly perGroup: number;
}

/** What was taken of a lot, and the moments at which batch and groups were full. */
interface Taken {
  readonly pairs: readonly number[];
  /** Infinity where there was room to the end. */
  readonly fullAt: number;
  /** Of the groups that were filled; those that what was taken before has filled: -Infinity. */
  readonly groupFullAt: ReadonlyMap<number, number>;
}

const take = (
  { order, clocks }: Lot,
  count: number,
  { groups, perGroup }: Limits,
  before: readonly number[],
  without: number | null,
): Taken => {
  const used = new Map<number, number>();
  const groupFullAt = new Map<number, number>();
  const use = (pair: number, moment: number): void => {
    const group = groups[pair]!;
    used.set(group, (used.get(group) ?? 0) + 1);
    if (used.get(group) === perGroup) groupFullAt.set(group, moment);
  };
  const gone = new Set(before);
  for (const pair of before) use(pair, Number.NEGATIVE_INFINITY);
  const pairs: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const pair of order) {
    if (pairs.length >= count) break;
    if (pair === without || gone.has(pair) || groupFullAt.has(groups[pair]!)) continue;
    last = clocks[pair]!;
    pairs.push(pair);
    use(pair, last);
  }
  return { pairs, fullAt: pairs.length < count ? Number.POSITIVE_INFINITY : last, groupFullAt };
};

/** What is drawn: first a control group, then the rest by a rule. */
export interface BatchPlan {
  readonly control: Lot;
  readonly ruled: Lot;
  /** Pairs of the whole batch, and those of them that are control. */
  readonly count: number;
  readonly controlCount: number;
  readonly limits: Limits;
}

/** Probabilities of a pair, given the clocks of all others. */
export interface Inclusion {
  /** To be in the control group. */
  readonly control: number;
  /** To be in the batch, as control or by the rule. */
  readonly batch: number;
}

/** How a pair could have come into the batch. The others' clocks stay, and with them what would have been drawn without it. */
export const inclusionOf = (plan: BatchPlan, pair: number): Inclusion => {
  const { control: controlLot, ruled: ruledLot, count, controlCount, limits } = plan;
  const group = limits.groups[pair]!;
  const moment = ({ fullAt, groupFullAt }: Taken): number =>
    Math.min(fullAt, groupFullAt.get(group) ?? Number.POSITIVE_INFINITY);
  const others = take(controlLot, controlCount, limits, [], pair);
  const control = ringsBefore(controlLot, pair, moment(others));
  const ruled = take(ruledLot, count - others.pairs.length, limits, others.pairs, pair);
  return { control, batch: control + (1 - control) * ringsBefore(ruledLot, pair, moment(ruled)) };
};

/** The batch: pairs of the pool, those of the control group first. */
export const drawBatch = ({
  control,
  ruled,
  count,
  controlCount,
  limits,
}: BatchPlan): { readonly control: readonly number[]; readonly ruled: readonly number[] } => {
  const first = take(control, controlCount, limits, [], null).pairs;
  return { control: first, ruled: take(ruled, count - first.length, limits, first, null).pairs };
};
