/** @file The curves of a policy's training, under the names of its records: what each update did, and what is held out. */
import type { PolicyRecord } from '@plaudit/policy';
import type { Logged } from '../progress-log.ts';

type HeldOut = NonNullable<PolicyRecord['heldOut']>;

/** What of a record is a curve, by its path: `rollout.parts.length` is `rollout/parts/length`. */
const numbersOf = (prefix: string, value: unknown): [string, number][] => {
  if (typeof value === 'number') return [[prefix, value]];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => numbersOf(`${prefix}/${name}`, inner));
};

const points = (step: number, named: readonly [string, number][]): Logged[] =>
  named.map(([name, value]) => ({ name, step, value }));

/** Held-out prompts at one update; 0 is before the first. */
export const heldOutPoints = (step: number, heldOut: HeldOut): Logged[] =>
  points(step, numbersOf('heldOut', heldOut));

/** How far the curves of a run have been written, by its earlier attempts too. */
export interface Written {
  readonly updates: number;
  readonly evaluations: number;
}

/**
 * What is to be written for each record: a record comes once after its update, and again with what its evaluation found.
 *
 * @param written Updates and evaluations up to these are there already: a resumed run repeats some, with the same numbers
 */
export const policyCurves = (written: Written): ((record: PolicyRecord) => Logged[]) => {
  let { updates, evaluations } = written;
  return ({ step, rollout, heldOut, validationLoss, validationAccuracy, ...update }) => {
    const logged: Logged[] = [];
    if (step > updates) {
      updates = step;
      logged.push(...points(step, [...numbersOf('train', update), ...numbersOf('rollout', rollout)]));
    }
    const evaluated = { loss: validationLoss, accuracy: validationAccuracy };
    const validation = numbersOf('validation', evaluated);
    if (step > evaluations && (heldOut !== undefined || validation.length > 0)) {
      evaluations = step;
      logged.push(...points(step, validation), ...(heldOut ? heldOutPoints(step, heldOut) : []));
    }
    return logged;
  };
};
