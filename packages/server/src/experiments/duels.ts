/** @file Duels: responses of two arms side by side, judged by people or a judge; their win rate, and what a point of it costs. */
import type { Judgement } from '@plaudit/contract';
import { evaluateOutcomes, type WinRate } from '@plaudit/policy';
import { sequencePValue, sequenceWidth } from '../statistics/confidence-sequence.ts';
import { type Measured, tooFew } from '../statistics/measured.ts';

export interface Duel {
  readonly winRate: WinRate;
  /** Of the win rate; holds at every look, with each prompt as one observation. */
  readonly interval: readonly [number, number];
  readonly pValue: number;
  /** Share of the decided duels that the side shown first won; null where the order is not known. */
  readonly firstShown: number | null;
}

/** Prompts below which a win rate says nothing. */
const fewestPrompts = 50;

/** What was spent on an arm, in one currency. */
export interface Costs {
  readonly labels?: number | undefined;
  readonly compute?: number | undefined;
  readonly judge?: number | undefined;
}

/**
 * The win rate of one arm over another from comparisons whose segments `armA` and `armB` name the arms of both responses.
 * A tie counts one half, as does a pair that is bad on both sides.
 */
export const duelOf = (
  judgements: readonly Judgement[],
  arm: string,
  control: string,
  { alpha = 0.05, tunedTo = 1000 }: { readonly alpha?: number; readonly tunedTo?: number } = {},
): Measured<Duel> => {
  const outcomes: number[] = [];
  const lengthsA: number[] = [];
  const lengthsB: number[] = [];
  const prompts: string[] = [];
  let [first, decided] = [0, 0];
  for (const judgement of judgements) {
    if (judgement.kind !== 'comparison') continue;
    const { responses, outcome, provenance, prompt } = judgement;
    const { armA, armB } = provenance.segments ?? {};
    const forwards = armA === arm && armB === control;
    if (!forwards && !(armA === control && armB === arm)) continue;
    const a = outcome === 'a' ? 1 : outcome === 'b' ? 0 : 0.5;
    outcomes.push(forwards ? a : 1 - a);
    lengthsA.push(responses[forwards ? 0 : 1].length);
    lengthsB.push(responses[forwards ? 1 : 0].length);
    prompts.push(JSON.stringify(prompt));
    if (provenance.shownFirst !== undefined && a !== 0.5) {
      decided++;
      if ((a === 1) === (provenance.shownFirst === 0)) first++;
    }
  }
  const different = new Set(prompts).size;
  if (different < fewestPrompts) return tooFew(different, fewestPrompts);
  const winRate = evaluateOutcomes({ outcomes, lengthsA, lengthsB, prompts });
  // Of the means of prompts: what several people say of one pair hangs together.
  const byPrompt = Map.groupBy(outcomes.keys(), (i) => prompts[i]!);
  const means = [...byPrompt.values()].map(
    (rows) => rows.reduce((sum, i) => sum + outcomes[i]!, 0) / rows.length,
  );
  const mean = means.reduce((sum, value) => sum + value, 0) / different;
  const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (different - 1));
  const half = deviation * sequenceWidth(different, alpha, tunedTo);
  const z = deviation > 0 ? ((mean - 0.5) / deviation) * Math.sqrt(different) : 0;
  return {
    enough: true,
    n: different,
    winRate,
    interval: [Math.max(0, mean - half), Math.min(1, mean + half)],
    pValue: deviation > 0 ? sequencePValue(z, different, alpha, tunedTo) : 1,
    firstShown: decided === 0 ? null : first / decided,
  };
};

export interface CostOfPoint {
  /** What the arm cost more than the control. */
  readonly cost: number;
  /** Percentage points of win rate above one half. */
  readonly points: number;
  /** Cost of one point; null where it is not sure that there is one. */
  readonly perPoint: number | null;
  /** From the interval of the win rate; null as above. */
  readonly interval: readonly [number, number] | null;
}

const sumOf = ({ labels = 0, compute = 0, judge = 0 }: Costs): number => labels + compute + judge;

/** What one percentage point of win rate cost. @param interval Of the win rate */
export const costOfPoint = (
  winRate: number,
  interval: readonly [number, number],
  arm: Costs,
  control: Costs = {},
): CostOfPoint => {
  const cost = sumOf(arm) - sumOf(control);
  const points = 100 * (winRate - 0.5);
  const sure = interval[0] > 0.5;
  return {
    cost,
    points,
    perPoint: sure ? cost / points : null,
    interval: sure ? [cost / (100 * (interval[1] - 0.5)), cost / (100 * (interval[0] - 0.5))] : null,
  };
};
