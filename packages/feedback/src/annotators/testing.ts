/** @file Simulated votes with a known truth, and what other programs made of some. */
import { readFileSync } from 'node:fs';
import { Random } from '@plaudit/contract';
import type { AnnotatorValue } from '../agreement/annotator-value.ts';
import type { LabelModel } from './label-model.ts';

/** What `fixtures/record.py` recorded. */
export const recorded: {
  readonly classes: readonly string[];
  readonly truth: Readonly<Record<string, string>>;
  readonly votes: readonly (readonly [unit: string, annotator: string, value: string])[];
  readonly dawidSkene: {
    readonly probabilities: Readonly<Record<string, readonly number[]>>;
    readonly prior: readonly number[];
    readonly confusion: Readonly<Record<string, readonly (readonly number[])[]>>;
  };
  readonly oneCoin: {
    readonly probabilities: Readonly<Record<string, readonly number[]>>;
    readonly prior: readonly number[];
  };
  readonly glad: {
    readonly probabilities: Readonly<Record<string, readonly number[]>>;
    readonly abilities: Readonly<Record<string, number>>;
    readonly ease: Readonly<Record<string, number>>;
  };
} = JSON.parse(readFileSync(new URL('fixtures/annotators.json', import.meta.url), 'utf8'));

export const recordedVotes: readonly AnnotatorValue[] = recorded.votes.map(([unit, annotator, value]) => ({
  unit,
  annotator,
  value,
}));

export interface Crowd {
  readonly values: readonly AnnotatorValue[];
  readonly truth: ReadonlyMap<string, string>;
}

/** How someone votes: right with some probability, or one of the classes whatever the truth. */
export type Voter = { readonly accuracy: number } | { readonly spam: string };

/** Votes of each annotator on a share of the units; names are the places in the list. */
export const simulateCrowd = (options: {
  readonly units: number;
  readonly voters: readonly Voter[];
  readonly classes?: readonly string[];
  readonly share?: number;
  readonly seed: number;
}): Crowd => {
  const { units, voters, classes = ['a', 'b'], share = 1, seed } = options;
  const random = new Random(seed, 'crowd');
  const truth = new Map(Array.from({ length: units }, (_, u) => [`unit ${u}`, random.pick(classes)]));
  const values = [...truth].flatMap(([unit, right]) =>
    voters.flatMap((voter, w): AnnotatorValue[] => {
      if (random.uniform() >= share) return [];
      const others = classes.filter((name) => name !== right);
      const value =
        'spam' in voter ? voter.spam : random.uniform() < voter.accuracy ? right : random.pick(others);
      return [{ unit, annotator: String(w), value }];
    }),
  );
  return { values, truth };
};

/** Share of the units whose most probable class is the true one; several equally probable ones share the point. */
export const shareRight = (
  { classes, units }: Pick<LabelModel, 'classes' | 'units'>,
  truth: ReadonlyMap<string, string>,
): { readonly accuracy: number; readonly logLoss: number; readonly units: number } => {
  let [right, loss, known] = [0, 0, 0];
  for (const { unit, probabilities } of units) {
    if (!truth.has(unit)) continue;
    known++;
    const most = Math.max(...probabilities);
    const best = classes.filter((_, k) => probabilities[k]! > most - 1e-9);
    if (best.includes(truth.get(unit)!)) right += 1 / best.length;
    loss -= Math.log(Math.max(1e-12, probabilities[classes.indexOf(truth.get(unit)!)] ?? 0));
  }
  return { accuracy: right / known, logLoss: loss / known, units: known };
};
