/** @file Which pairs of responses to have judged next: a rule's choice with some chance in it, and a control group. */
import { plauditError, Random } from '@plaudit/contract';
import { dOptimalDesign } from './d-optimal.ts';
import { type BatchPlan, drawBatch, inclusionOf, lotOf } from './draw.ts';
import { type Candidate, type Pool, poolOf, type SelectionPurpose, suitedPairs } from './pool.ts';
import { pairScores } from './scores.ts';
import { thompsonScores } from './thompson.ts';

/** What a pair is chosen by. */
export const selectionRules = [
  'd-optimal',
  'delta-ucb',
  'double-thompson',
  'info-max',
  'entropy',
  'bald',
  'random',
] as const;
export type SelectionRule = (typeof selectionRules)[number];

/** Whether a rule looks at how sure the model is, and not at the rewards alone. */
export const needsUncertainty = (rule: SelectionRule): boolean => rule !== 'entropy' && rule !== 'random';

export interface SelectionOptions {
  readonly rule: SelectionRule;
  /** Pairs wanted, those of the control group among them. */
  readonly count: number;
  readonly seed: number;
  /** Default `reward`. */
  readonly purpose?: SelectionPurpose;
  /** Most pairs of one prompt; near-duplicate prompts count as one. Default 1. */
  readonly perPrompt?: number;
  /**
   * Share of the batch that is drawn evenly, for unbiased accuracy and calibration; above 0 it is one pair at least.
   * Default 0.25.
   */
  readonly control?: number;
  /**
   * How much chance there is in the rule's choice: the pair in place r of its ranking is drawn with a weight of r^(-1/T). At 0
   * the first places are taken and nothing else is. Default 0.25.
   */
  readonly temperature?: number;
}

/** A pair to be judged. */
export interface SelectedPair {
  /** Of the candidate. */
  readonly id: string;
  /** Indices of its responses, the smaller first; which of them is shown first is for others to draw. */
  readonly pair: readonly [number, number];
  readonly rule: SelectionRule;
  /** What the rule gives the pair; `random` gives 0. */
  readonly score: number;
  /** Whether it was drawn evenly. */
  readonly control: boolean;
  /**
   * Probability of being in the batch at all, whatever came of its own draw, given those of the others: sums over the batch
   * with weights of 1 over it are unbiased for sums over the pool.
   */
  readonly selectionProbability: number;
  /** The same of being in the control group, for sums over that alone. */
  readonly controlProbability: number;
}

export interface Selection {
  /** In random order, so that nobody who judges can tell the control group by its place. */
  readonly items: readonly SelectedPair[];
  /** What there was to choose from; near-duplicate prompts counted once in `groups`. */
  readonly pool: { readonly prompts: number; readonly groups: number; readonly pairs: number };
}

const defaults = { purpose: 'reward', perPrompt: 1, control: 0.25, temperature: 0.25 } as const;

const check = ({ count, perPrompt, control, temperature }: Required<SelectionOptions>): void => {
  const refuse = (option: string, problem: string): never => {
    throw plauditError('data.bad_option', { option, problem });
  };
  for (const [option, value] of Object.entries({ count, perPrompt }))
    if (!(Number.isSafeInteger(value) && value >= 1)) refuse(option, 'it is a whole number of at least 1');
  if (!(control >= 0 && control <= 1)) refuse('control', 'it lies between 0 and 1');
  if (!(temperature >= 0 && temperature <= 1)) refuse('temperature', 'it lies between 0 and 1');
};

/** The pairs that suit the purpose before the others, in the given order otherwise. */
const suitedFirst = (order: Uint32Array, suited: Uint8Array): Uint32Array =>
  order.slice().sort((i, j) => suited[j]! - suited[i]!);

/**
 * The natural logarithm of each pair's place in the order in which a rule alone would take them: by score, but behind the
 * first `perPrompt` pairs of every group come the next of every group, and behind those that suit the purpose the others.
 *
 * Places and not scores make the weights, because a nat of entropy and a logit of a gap are no common measure: softrank in
 * Kirsch et al. 2023, "Stochastic Batch Acquisition", who find such a draw as good as rules made for batches.
 */
const logPlaces = (
  scores: Float64Array,
  { pairs }: Pool,
  perPrompt: number,
  ties: Uint32Array,
  suited: Uint8Array,
): Float64Array => {
  const byScore = suitedFirst(
    ties.slice().sort((i, j) => scores[j]! - scores[i]!),
    suited,
  );
  const seen = new Map<number, number>();
  const layers = new Uint32Array(pairs.length);
  for (const i of byScore) {
    const before = seen.get(pairs[i]!.group) ?? 0;
    seen.set(pairs[i]!.group, before + 1);
    layers[i] = Math.floor(before / perPrompt);
  }
  const places = new Float64Array(pairs.length);
  suitedFirst(
    byScore.sort((i, j) => layers[i]! - layers[j]!),
    suited,
  ).forEach((i, place) => {
    places[i] = Math.log(place + 1);
  });
  return places;
};

/** What the rule says of each pair, and how pairs are drawn by it. */
const ruling = (
  pool: Pool,
  { rule, count, purpose, perPrompt, temperature, seed }: Required<SelectionOptions>,
  ties: Uint32Array,
): { readonly scores: Float64Array; readonly locations: Float64Array; readonly temperature: number } => {
  const { pairs } = pool;
  const even = new Float64Array(pairs.length);
  if (rule === 'random') return { scores: even, locations: even, temperature: 1 };
  if (rule === 'double-thompson') {
    // A draw by its nature: the score is the weight, and the smallest number stands for a chance of 0.
    const scores = thompsonScores(pool, purpose, new Random(seed, 'thompson'));
    const locations = scores.map((score) => -Math.log(Math.max(score, Number.MIN_VALUE)));
    return { scores, locations, temperature: 1 };
  }
  const suited = suitedPairs(pool, purpose, perPrompt);
  const scores =
    rule === 'd-optimal'
      ? dOptimalDesign(pool, { count, perGroup: perPrompt, order: ties.filter((i) => suited[i] === 1) }).gains
      : Float64Array.from(pairs, pairScores[rule]);
  return { scores, locations: logPlaces(scores, pool, perPrompt, ties, suited), temperature };
};

/**
 * Chooses the pairs to have judged next. The same candidates, options and seed give the same batch.
 *
 * A quarter of it, unless told otherwise, is a control group that is drawn evenly; the rule draws the rest from what is
 * left, mostly from the top of its ranking. Every pair of the pool can come into the batch, and the probability of that
 * stands beside each that did. With a control group it is not much below that group's share of the pool, however little
 * a rule thinks of a pair, so that no weight of one over it explodes (a defensive mixture, Hesterberg 1995).
 *
 * Fewer come back than were asked for where the pool or the limit for each prompt has no more.
 *
 * @example
 * const { items } = selectPairs(candidates, { rule: 'd-optimal', count: 100, seed: 1 });
 * @throws data.bad_option; RangeError for beliefs that are not finite or of different widths
 */
export const selectPairs = (candidates: readonly Candidate[], given: SelectionOptions): Selection => {
  const options: Required<SelectionOptions> = { ...defaults, ...given };
  check(options);
  const { rule, count, seed, perPrompt, control } = options;
  const pool = poolOf(candidates);
  const { pairs } = pool;
  const ties = new Random(seed, 'ties').permutation(pairs.length);
  const { scores, locations, temperature } = ruling(pool, options, ties);
  const even = new Float64Array(pairs.length);
  const plan: BatchPlan = {
    control: lotOf(even, 1, new Random(seed, 'control'), ties),
    ruled: lotOf(locations, temperature, new Random(seed, 'rule'), ties),
    count,
    controlCount: rule === 'random' ? count : Math.max(Math.ceil(control), Math.round(control * count)),
    limits: { groups: Uint32Array.from(pairs, ({ group }) => group), perGroup: perPrompt },
  };
  const drawn = drawBatch(plan);
  const isControl = new Set(drawn.control);
  const chosen = [...drawn.control, ...drawn.ruled];
  const order = new Random(seed, 'order').permutation(chosen.length);
  return {
    items: Array.from(order, (place): SelectedPair => {
      const i = chosen[place]!;
      const { candidate, pair } = pairs[i]!;
      const inclusion = inclusionOf(plan, i);
      return {
        id: candidates[candidate]!.id,
        pair,
        rule,
        score: scores[i]!,
        control: isControl.has(i),
        selectionProbability: inclusion.batch,
        controlProbability: inclusion.control,
      };
    }),
    pool: { prompts: candidates.length, groups: pool.groups, pairs: pairs.length },
  };
};
