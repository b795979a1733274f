/** @file What goes wrong slowly in a run of reinforcement learning, found in its records and said in words. */
import type { PolicyRecord } from '../trainer/record.ts';

export const driftCodes = [
  'length_creep',
  'length_reward',
  'repetition',
  'entropy_collapse',
  'ended_drop',
  'reward_variance_collapse',
  'kl_blow_up',
  'value_function',
] as const;
export type DriftCode = (typeof driftCodes)[number];

export interface DriftWarning {
  readonly code: DriftCode;
  /** Where it was first seen. */
  readonly step: number;
  /** Whether it is still so at the last update. */
  readonly ongoing: boolean;
  /** What happened, with the numbers where it was last so, and what to do. */
  readonly message: string;
}

export interface DriftOptions {
  /** Nats that the coefficient of the penalty is steered to. */
  readonly klTarget?: number | null;
}

type Rollout = NonNullable<PolicyRecord['rollout']>;

/** Updates at the start of the run, and at its current end, whose means are compared: one update is too noisy. */
const window = 5;
/** A change must exceed the noise of such a difference this many times: about once in a thousand by chance. */
const noiseErrors = 3;

/**
 * Longer by this factor. Most of the gain that a reward model of preferences sees in reinforcement learning can be length
 * (Singhal et al. 2023, arXiv 2310.03716), and a third more is seldom what a task needs.
 */
const longer = 1.3;
/** Correlation within prompts from which length is what the reward mostly pays for: that of a plain reward model in Chen et al. 2024 (arXiv 2402.07319) is 0.45. */
const lengthPay = 0.5;
/** Share of repeated four-grams, and its rise: prose has a few per cent, code and lists more from the start. */
const repeated = { share: 0.15, rise: 0.1 };
/** Share of the first entropy below which samples of one prompt are nearly the same. */
const leastEntropy = 0.3;
/** Fall of the share of responses that end by themselves. */
const fewerEnded = 0.2;
/** Share of the first deviation within prompts below which advantages are mostly noise of the reward. */
const leastDeviation = 0.25;
/** Times the median of the ten updates before, and nats above it: the divergence grows with the square of the steps at first. */
const klJump = { times: 5, nats: 5, before: 10 };
/** Times the target, over a whole window: an adaptive coefficient has lost control. */
const klOverTarget = 2;
/** Updates in a row that a value function may do worse than a constant: it starts from nothing. */
const valueUpdates = 20;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const short = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`.replace('-', '−');

interface Point {
  readonly step: number;
  readonly value: number;
}

interface Check {
  readonly code: DriftCode;
  /** null where the run does not measure it. */
  readonly of: (rollout: Rollout) => number | null;
  /** @returns For each update the message where it is so, by what was known then; null where it is not. */
  readonly find: (points: readonly Point[], options: DriftOptions) => (string | null)[];
}

const meanOf = (points: readonly Point[], from: number, to: number): number =>
  mean(points.slice(from, to).map(({ value }) => value));

/** Compares the mean of the last updates with that of the first ones. */
const change =
  (
    direction: 1 | -1,
    isDrift: (now: number, first: number) => boolean,
    say: (now: number, first: number) => string,
  ): Check['find'] =>
  (points) => {
    const first = meanOf(points, 0, window);
    // Half the mean squared step from one update to the next is the variance of an update's noise, whatever the trend.
    let squares = 0;
    return points.map(({ value }, at) => {
      if (at > 0) squares += (value - points[at - 1]!.value) ** 2;
      if (at + 1 < 2 * window) return null;
      const now = meanOf(points, at + 1 - window, at + 1);
      const error = Math.sqrt(squares / at / window);
      return direction * (now - first) > noiseErrors * error && isDrift(now, first) ? say(now, first) : null;
    });
  };

const lengthRewarded: Check['find'] = (points) =>
  points.map((_, at) => {
    if (at + 1 < 2 * window) return null;
    const now = meanOf(points, at + 1 - 2 * window, at + 1);
    return now > lengthPay
      ? `Among responses to one prompt the reward goes with length: correlation ${short(now)} over ${2 * window} updates. The policy will learn length; take length out of the reward, or add a penalty on it.`
      : null;
  });

const klBlowUp: Check['find'] = (points, { klTarget }) =>
  points.map(({ value }, at) => {
    if (klTarget && at + 1 >= window) {
      const now = meanOf(points, at + 1 - window, at + 1);
      if (now > klOverTarget * klTarget)
        return `The divergence from the reference is ${short(now)} nats over ${window} updates, ${short(now / klTarget)} times its target of ${short(klTarget)}. The penalty does not hold it: lower the learning rate, or start with a larger coefficient.`;
    }
    if (at < klJump.before) return null;
    const before = median(points.slice(at - klJump.before, at).map((point) => point.value));
    return value > klJump.times * before && value > before + klJump.nats
      ? `The divergence from the reference jumped to ${short(value)} nats; the median of the ${klJump.before} updates before is ${short(before)}. One update moved the policy too far: lower the learning rate or the passes over a rollout, and go back to a checkpoint before it.`
      : null;
  });

const valueFunction: Check['find'] = (points) => {
  let below = 0;
  return points.map(({ value }, at) => {
    below = value < 0 ? below + 1 : 0;
    if (below < valueUpdates) return null;
    const now = meanOf(points, at + 1 - valueUpdates, at + 1);
    return `The value function has predicted returns worse than a constant for ${below} updates in a row (explained variance ${short(now)}). It adds noise to the advantages: raise its coefficient, whiten rewards, or use a method without one.`;
  });
};

const checks: readonly Check[] = [
  {
    code: 'length_creep',
    of: ({ length }) => length,
    find: change(
      1,
      (now, first) => now > longer * first,
      (now, first) =>
        `Responses have grown from ${short(first)} to ${short(now)} tokens (+${percent(now / first - 1)}). Read some: if they say no more, the reward pays for length. Raise the coefficient of the divergence, or add a penalty on length.`,
    ),
  },
  { code: 'length_reward', of: ({ lengthCorrelation }) => lengthCorrelation, find: lengthRewarded },
  {
    code: 'repetition',
    of: ({ repetition }) => repetition,
    find: change(
      1,
      (now, first) => now > repeated.share && now > first + repeated.rise,
      (now, first) =>
        `Responses repeat themselves: ${percent(now)} of their four-word sequences were said before in them, ${percent(first)} at the start. Raise the coefficient of the divergence, or give the reward a rule against repetition.`,
    ),
  },
  {
    code: 'entropy_collapse',
    of: ({ entropy }) => entropy,
    find: change(
      -1,
      (now, first) => now < leastEntropy * first,
      (now, first) =>
        `The entropy has fallen from ${short(first)} to ${short(now)} nats a token: the policy says nearly the same every time and explores no more. Raise the coefficient of the divergence or an entropy bonus, or lower the learning rate.`,
    ),
  },
  {
    code: 'ended_drop',
    of: ({ ended }) => ended,
    find: change(
      -1,
      (now, first) => now < first - fewerEnded,
      (now, first) =>
        `${percent(now)} of the responses end by themselves, ${percent(first)} at the start; the others are cut off. Allow more new tokens, or penalise a missing end.`,
    ),
  },
  {
    code: 'reward_variance_collapse',
    of: ({ rewardDeviationWithinPrompts }) => rewardDeviationWithinPrompts,
    find: change(
      -1,
      (now, first) => now < leastDeviation * first,
      (now, first) =>
        `The rewards of one prompt's responses differ less and less: their standard deviation fell from ${short(first)} to ${short(now)}. There is little left to learn from these prompts: take harder ones, sample at a higher temperature, or stop.`,
    ),
  },
  { code: 'kl_blow_up', of: ({ kl }) => kl, find: klBlowUp },
  { code: 'value_function', of: ({ explainedVariance }) => explainedVariance, find: valueFunction },
];

/**
 * Warnings in the order in which they were first seen. What is known at an update decides whether it is so there, so that a
 * warning never goes away when the run goes on. Offline records give none.
 *
 * @param records Of consecutive updates, from the first.
 * @example driftWarnings(records, { klTarget: 6 }).filter(({ ongoing }) => ongoing)
 */
export const driftWarnings = (records: readonly PolicyRecord[], options: DriftOptions = {}): DriftWarning[] =>
  checks
    .flatMap(({ code, of, find }): DriftWarning[] => {
      const points = records.flatMap(({ step, rollout }): Point[] => {
        const value = rollout ? of(rollout) : null;
        return value === null ? [] : [{ step, value }];
      });
      const found = find(points, options);
      const first = found.findIndex((message) => message !== null);
      if (first < 0) return [];
      return [
        {
          code,
          step: points[first]!.step,
          ongoing: found.at(-1) !== null,
          message: found.findLast((message) => message !== null)!,
        },
      ];
    })
    .sort((a, b) => a.step - b.step);
