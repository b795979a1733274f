/** @file One trial of a simulation: the labels that a rule asks for round by round, and how good the model is after each. */
import { plauditError, Random, softplus } from '@plaudit/contract';
import {
  type Candidate,
  needsUncertainty,
  type SelectionPurpose,
  type SelectionRule,
  selectPairs,
  splitByPrompt,
} from '@plaudit/feedback';
import type { Matrix } from '../probe/matrix.ts';
import { standardise, standardOf } from '../probe/standard.ts';
import type { AnnotatedStudy } from './annotators.ts';
import { beliefsOf, type FittedHead, type JudgedRows, learn, rewardsOf } from './learner.ts';
import type { StudyFeatures } from './study-features.ts';

/** How labels are asked for. */
export interface TrialPlan {
  /** Labels drawn evenly before a rule has a model to look at. */
  readonly start: number;
  /** Labels of a round: so many, and later this share of the labels so far. */
  readonly batch: number;
  readonly growth: number;
  /** Labels at which a trial ends; it ends earlier where the pool is used up. */
  readonly most: number;
  readonly control: number;
  readonly perPrompt: number;
  readonly temperature: number;
  readonly purpose: SelectionPurpose;
}

/** Where a trial stands after a round. */
export interface CurvePoint {
  readonly labels: number;
  /** Share of the held-out pairs whose truth the rewards agree with; equal rewards count one half. */
  readonly accuracy: number;
  /** Nats for a held-out pair. */
  readonly logLoss: number;
}

/** A pair with its responses' rows. */
interface PlacedPair {
  readonly tree: number;
  readonly pair: readonly [number, number];
  readonly rows: readonly [number, number];
}

/** What all rules have in common for a seed: the sides, the features, the first labels and what annotators would say. */
export interface Setting {
  readonly seed: number;
  readonly features: Matrix;
  readonly pool: readonly PlacedPair[];
  /** Of each pair of the pool what an annotator would say. */
  readonly answers: readonly JudgedRows[];
  /** As they truly are. */
  readonly heldOut: readonly JudgedRows[];
  /** Number of the prompt among near-duplicates, by tree. */
  readonly clusters: readonly number[];
  /** Indices of the pool. */
  readonly start: readonly number[];
}

export interface SettingOptions {
  readonly seed: number;
  /** Share of the pairs that are kept for measuring, by whole clusters of near-duplicate prompts. */
  readonly heldOut: number;
  readonly start: number;
}

/** Draws what a seed decides. @throws selection.too_few_pairs */
export const settingOf = (
  { trees, pairs, firstShares }: AnnotatedStudy,
  vectors: StudyFeatures,
  { seed, heldOut: share, start }: SettingOptions,
): Setting => {
  const { test, cluster } = splitByPrompt(trees, { seed, validation: 0, test: share });
  const isHeld = new Set(test.map(({ id }) => id));
  const held = trees.map(({ id }) => isHeld.has(id));
  const starts: number[] = [];
  const all: Float32Array[] = [];
  for (const own of vectors) {
    starts.push(all.length);
    for (const vector of own) all.push(vector);
  }
  const width = all[0]!.length;
  const standard = standardOf(
    vectors.flatMap((own, tree) => (held[tree] ? [] : own)),
    width,
  );
  // Shared, so that every thread reads the same copy.
  const values = new Float32Array(new SharedArrayBuffer(4 * all.length * width));
  all.forEach((vector, row) => {
    standardise(standard, vector, values, row * width);
  });
  const annotators = new Random(seed, 'annotators');
  const pool: PlacedPair[] = [];
  const answers: JudgedRows[] = [];
  const heldOut: JudgedRows[] = [];
  pairs.forEach(({ tree, pair, firstWins }, i) => {
    const rows: readonly [number, number] = [starts[tree]! + pair[0], starts[tree]! + pair[1]];
    const reversed: JudgedRows = [rows[1], rows[0]];
    const saysFirst = annotators.uniform() < firstShares[i]!;
    if (held[tree]) heldOut.push(firstWins ? rows : reversed);
    else {
      pool.push({ tree, pair, rows });
      answers.push(saysFirst ? rows : reversed);
    }
  });
  // The first round has to have something to choose from.
  if (heldOut.length === 0 || pool.length <= start)
    throw plauditError('selection.too_few_pairs', { pool: pool.length, heldOut: heldOut.length, start });
  return {
    seed,
    features: { values, rows: all.length, width },
    pool,
    answers,
    heldOut,
    clusters: trees.map(({ id }) => cluster.get(id)!),
    start: [...new Random(seed, 'start').permutation(pool.length).subarray(0, start)],
  };
};

const measured = (head: FittedHead, { features, heldOut }: Setting, labels: number): CurvePoint => {
  const winners = rewardsOf(
    head,
    features,
    heldOut.map(([winner]) => winner),
  );
  const losers = rewardsOf(
    head,
    features,
    heldOut.map(([, loser]) => loser),
  );
  let right = 0;
  let loss = 0;
  winners.forEach((reward, i) => {
    const lead = reward - losers[i]!;
    right += lead > 0 ? 1 : lead === 0 ? 0.5 : 0;
    loss += softplus(-lead);
  });
  return { labels, accuracy: right / heldOut.length, logLoss: loss / heldOut.length };
};

/** What the head makes of all labels of the pool. */
export const withAllLabels = (setting: Setting): CurvePoint =>
  measured(learn(setting.features, setting.answers, null), setting, setting.answers.length);

/** The pairs without a label, by prompt, as a rule sees them. */
const candidatesOf = (
  head: FittedHead,
  { features, pool, clusters }: Setting,
  unlabelled: readonly number[],
  uncertain: boolean,
): { readonly candidates: readonly Candidate[]; readonly indices: ReadonlyMap<string, number> } => {
  const indices = new Map<string, number>();
  const rows = [...new Set(unlabelled.flatMap((i) => pool[i]!.rows))];
  const beliefs = new Map(beliefsOf(head, features, rows, uncertain).map((one, k) => [rows[k]!, one]));
  const byTree = Map.groupBy(unlabelled, (i) => pool[i]!.tree);
  const candidates = [...byTree].map(([tree, own]): Candidate => {
    const used = [...new Set(own.flatMap((i) => pool[i]!.rows))].sort((a, b) => a - b);
    const place = new Map(used.map((row, k) => [row, k]));
    const pairs = own.map((i) => {
      const [first, second] = pool[i]!.rows;
      const pair = [place.get(first)!, place.get(second)!] as const;
      indices.set(`${tree} ${pair}`, i);
      return pair;
    });
    return { id: `${tree}`, cluster: clusters[tree]!, beliefs: used.map((row) => beliefs.get(row)!), pairs };
  });
  return { candidates, indices };
};

/** Where the rounds of a trial are told apart in the seed of a selection. */
const mostRounds = 100_000;

/**
 * Runs one rule from the first labels to the last, one point at a time.
 *
 * @throws reward.not_finite
 */
export function* trial(
  setting: Setting,
  rule: SelectionRule,
  plan: TrialPlan,
): Generator<CurvePoint, void, void> {
  const { features, pool, answers, seed } = setting;
  const { control, perPrompt, temperature, purpose } = plan;
  const labelled = [...setting.start];
  const most = Math.min(plan.most, pool.length);
  let head: FittedHead | null = null;
  for (let round = 0; ; round++) {
    head = learn(
      features,
      labelled.map((i) => answers[i]!),
      head,
    );
    yield measured(head, setting, labelled.length);
    if (labelled.length >= most) return;
    const done = new Set(labelled);
    const unlabelled = pool.flatMap((_, i) => (done.has(i) ? [] : [i]));
    const wanted = Math.max(plan.batch, Math.round(plan.growth * labelled.length));
    const { candidates, indices } = candidatesOf(head, setting, unlabelled, needsUncertainty(rule));
    const { items } = selectPairs(candidates, {
      rule,
      purpose,
      count: Math.min(wanted, most - labelled.length),
      seed: seed * mostRounds + round,
      control,
      perPrompt,
      temperature,
    });
    for (const { id, pair } of items) labelled.push(indices.get(`${id} ${pair}`)!);
  }
}
