/** @file How often policy A beats policy B on the same prompts, and whether length alone does it. */

import { accuracyWithInterval, clusterBootstrap, fewestClusters } from '@plaudit/feedback';
import type { Interval } from '@plaudit/reward';
import { type LengthControlled, lengthControlledWinRate } from './length-control.ts';

export interface WinRate {
  /** Share of the rows that A wins; ties count one half. */
  readonly winRate: number;
  /** 95 %, over resamples of whole prompts; below ten prompts Wilson's with prompts as its count. */
  readonly winRateInterval: Interval;
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  /** null where it cannot be told: lengths that always differ by the same. */
  readonly lengthControlled: LengthControlled | null;
  /** Mean length of A's responses over that of B's. */
  readonly lengthRatio: number;
  /** The one that is ahead over the whole interval; neither below ten prompts. */
  readonly better: 'a' | 'b' | 'neither';
  readonly rows: number;
  readonly prompts: number;
  readonly warnings: readonly string[];
}

export interface PairedRewards {
  /** Mean of A's reward minus B's. */
  readonly difference: number;
  /** 95 %, over resamples of whole prompts; null below ten prompts. */
  readonly interval: Interval | null;
  /** Share of the resamples where A is ahead, a draw counting one half. */
  readonly probabilityA: number;
}

interface Compared {
  /** In any unit, the same for both. */
  readonly lengthsA: readonly number[];
  readonly lengthsB: readonly number[];
  /** What tells the prompts apart: rows of one prompt are not independent. */
  readonly prompts: readonly string[];
  /** Seeds the resamples. Default 0. */
  readonly seed?: number;
}

export interface OutcomesInput extends Compared {
  /** Of each row, from 0 (B wins) to 1 (A wins); a judge's probability, or one half for a tie. */
  readonly outcomes: readonly number[];
}

export interface RewardsInput extends Compared {
  readonly rewardsA: readonly number[];
  readonly rewardsB: readonly number[];
}

const requireRows = (columns: Readonly<Record<string, readonly unknown[]>>): void => {
  const [first, ...others] = Object.entries(columns) as [[string, readonly unknown[]]];
  if (first[1].length === 0) throw new RangeError('a comparison of no responses has no value');
  for (const [name, values] of others as [string, readonly unknown[]][])
    if (values.length !== first[1].length)
      throw new RangeError(`${first[1].length} ${first[0]} against ${values.length} ${name}`);
  for (const [name, values] of Object.entries(columns)) {
    const at = values.findIndex((value) => typeof value === 'number' && !Number.isFinite(value));
    if (at >= 0) throw new RangeError(`row ${at + 1} of ${name} is not a finite number`);
  }
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Whether controlling for length moves a win rate by more than ten points and a quarter of the room. @see AlpacaEval 2 */
const isExtreme = (raw: number, controlled: number): boolean =>
  controlled < Math.min(0.75 * raw, raw - 0.1) || controlled > Math.max(raw + (1 - raw) / 4, raw + 0.1);

const warningsOf = (winRate: number, controlled: LengthControlled | null, prompts: number): string[] => {
  const warnings: string[] = [];
  if (prompts < fewestClusters)
    warnings.push(
      `The comparisons come from ${prompts} different prompt${prompts === 1 ? '' : 's'}, which is too few to say which policy is better; give at least ${fewestClusters}.`,
    );
  if (controlled?.extrapolated)
    warnings.push(
      'One policy nearly always writes more than the other: the win rate at equal length is a guess about responses that neither gave.',
    );
  if (controlled && isExtreme(winRate, controlled.winRate))
    warnings.push(
      `At equal length the win rate would be ${percent(controlled.winRate)} in place of ${percent(winRate)}: most of the difference goes with length.`,
    );
  return warnings;
};

/**
 * The win rate from outcomes that a judge or people gave.
 *
 * @throws RangeError for lists of different lengths, empty ones, numbers that are not finite, and outcomes outside 0 to 1
 */
export const evaluateOutcomes = ({
  outcomes,
  lengthsA,
  lengthsB,
  prompts,
  seed = 0,
}: OutcomesInput): WinRate => {
  requireRows({ outcomes, lengthsA, lengthsB, prompts });
  const outside = outcomes.findIndex((value) => value < 0 || value > 1);
  if (outside >= 0) throw new RangeError(`outcome ${outside + 1} is not between 0 and 1`);
  const rows = outcomes.map((outcome, i) => ({ cluster: prompts[i]!, outcome }));
  const { accuracy: winRate, accuracyInterval: winRateInterval } = accuracyWithInterval(
    rows,
    ({ outcome }) => outcome,
    { seed },
  );
  const different = new Set(prompts).size;
  const enough = different >= fewestClusters;
  const lengthControlled = lengthControlledWinRate({ outcomes, lengthsA, lengthsB, prompts, seed });
  return {
    winRate,
    winRateInterval,
    wins: outcomes.filter((outcome) => outcome > 0.5).length,
    ties: outcomes.filter((outcome) => outcome === 0.5).length,
    losses: outcomes.filter((outcome) => outcome < 0.5).length,
    lengthControlled,
    lengthRatio: mean(lengthsA) / mean(lengthsB),
    better: enough && winRateInterval[0] > 0.5 ? 'a' : enough && winRateInterval[1] < 0.5 ? 'b' : 'neither',
    rows: rows.length,
    prompts: different,
    warnings: warningsOf(winRate, lengthControlled, different),
  };
};

/**
 * The win rate of A over B where the larger reward wins, and how much larger it is.
 *
 * @param input Row by row a response of A and one of B to the same prompt.
 * @throws RangeError for lists of different lengths, empty ones, and numbers that are not finite
 * @example evaluateWinRate({ rewardsA: [1, 2], rewardsB: [0, 2], lengthsA: [10, 9], lengthsB: [8, 9], prompts: ['p', 'q'] }).winRate // 0.75
 */
export const evaluateWinRate = ({
  rewardsA,
  rewardsB,
  ...compared
}: RewardsInput): WinRate & { readonly rewards: PairedRewards } => {
  requireRows({ rewardsA, rewardsB, prompts: compared.prompts });
  const differences = rewardsA.map((reward, i) => reward - rewardsB[i]!);
  const outcomes = differences.map((difference) => (difference > 0 ? 1 : difference < 0 ? 0 : 0.5));
  const result = evaluateOutcomes({ outcomes, ...compared });
  const {
    mean: difference,
    interval,
    positive,
  } = clusterBootstrap(
    differences.map((value, i) => ({ cluster: compared.prompts[i]!, value })),
    ({ value }) => value,
    { seed: compared.seed ?? 0 },
  );
  return {
    ...result,
    rewards: {
      difference,
      interval: result.prompts < fewestClusters ? null : interval,
      probabilityA: positive,
    },
  };
};
