/** @file Two annotators who agree more than knowing the answer explains: copies, shared accounts, one bot twice. */
import type { AnnotatorValue } from '../../agreement/annotator-value.ts';
import { poissonBinomialTails } from '../../statistics/binomial.ts';
import { holm, normalCdf } from '../../statistics/normal.ts';
import { robustScale } from '../../statistics/robust.ts';
import { type DawidSkene, dawidSkene } from '../dawid-skene.ts';
import { logs } from '../prior.ts';
import { type VoteTable, voteTable } from '../vote-table.ts';

export interface CopyOptions {
  /** Units that two annotators must share to be held against one another. Default 10. */
  readonly fewestUnits?: number;
  /** Chance of blaming any pair where nobody copies. Default 0.01. */
  readonly level?: number;
}

export interface LikePair {
  readonly annotators: readonly [string, string];
  readonly units: number;
  readonly agreeing: number;
  /** How many they would agree on if each voted for themselves, with their errors as they are. */
  readonly expected: number;
  /** Standard deviations of agreement beyond that. */
  readonly excess: number;
  /** Corrected by Holm's method for the number of pairs. */
  readonly pValue: number;
  readonly copied: boolean;
}

/** From so many pairs on, what is usual among pairs is measured. */
const fewestPairs = 20;

/**
 * Every two annotators with enough common units, the most alike first. What they agree on by knowing is no evidence: by
 * Dawid and Skene's model, fitted to all votes, two people agree on a unit with probability
 * sum over classes k of P(k | the others' votes) · sum over answers j of P₁(j | k) P₂(j | k).
 * Some units are hard for everybody, so that all pairs agree somewhat more than this; an excess counts beyond the usual one.
 *
 * @see Dawid and Skene 1979 for the model; Efron 2004 for measuring the null distribution
 */
export const likePairs = (values: readonly AnnotatorValue[], options: CopyOptions = {}): LikePair[] => {
  const { fewestUnits = 10, level = 0.01 } = options;
  if (values.length === 0) return [];
  const table = voteTable(values);
  const found = agreements(table, dawidSkene(values, { smoothing: 1 }))
    .filter(({ chances }) => chances.length >= fewestUnits)
    .map(({ first, second, agreeing, chances }) => {
      const expected = chances.reduce((sum, chance) => sum + chance, 0);
      const variance = chances.reduce((sum, chance) => sum + chance * (1 - chance), 0);
      return {
        annotators: [table.annotators[first]!, table.annotators[second]!] as const,
        units: chances.length,
        agreeing,
        expected,
        excess: variance > 0 ? (agreeing - expected) / Math.sqrt(variance) : 0,
        exact: poissonBinomialTails(chances, agreeing).upper,
      };
    });
  const usual =
    found.length < fewestPairs ? { centre: 0, spread: 1 } : robustScale(found.map(({ excess }) => excess));
  const pValues = holm(
    found.map(({ excess, exact }) =>
      Math.max(exact, normalCdf(-(excess - Math.max(0, usual.centre)) / Math.max(1, usual.spread))),
    ),
  );
  return found
    .map(({ exact: _, ...pair }, i) => ({ ...pair, pValue: pValues[i]!, copied: pValues[i]! < level }))
    .sort((a, b) => a.pValue - b.pValue || b.excess - a.excess);
};

interface PairCounts {
  readonly first: number;
  readonly second: number;
  agreeing: number;
  readonly chances: number[];
}

const agreements = (table: VoteTable, model: DawidSkene): PairCounts[] => {
  const { units, annotators, classes, starts, annotator, said } = table;
  const width = classes.length;
  const people = annotators.length;
  const confusion = model.annotators.map((one) => one.confusion);
  // ln P(said | true) [annotator, true, said], and P(two people say the same | true) as a product of rows.
  const logConfusion = logs(confusion.flat(2));
  const logPrior = logs(model.prior);
  const pairs = new Map<number, PairCounts>();
  const joint = new Float64Array(width);
  for (let unit = 0; unit < units.length; unit++) {
    const [from, to] = [starts[unit]!, starts[unit + 1]!];
    joint.set(logPrior);
    const add = (vote: number, sign: 1 | -1): void => {
      const row = annotator[vote]! * width;
      for (let k = 0; k < width; k++) joint[k]! += sign * logConfusion[(row + k) * width + said[vote]!]!;
    };
    for (let i = from; i < to; i++) add(i, 1);
    for (let i = from; i < to; i++)
      for (let j = from; j < i; j++) {
        if (annotator[i] === annotator[j]) continue;
        const [first, second] = [
          Math.min(annotator[i]!, annotator[j]!),
          Math.max(annotator[i]!, annotator[j]!),
        ];
        const key = first * people + second;
        const pair = pairs.get(key) ?? { first, second, agreeing: 0, chances: [] };
        pairs.set(key, pair);
        add(i, -1);
        add(j, -1);
        pair.chances.push(chanceOfAgreement(joint, confusion[first]!, confusion[second]!));
        add(i, 1);
        add(j, 1);
        if (said[i] === said[j]) pair.agreeing++;
      }
  }
  return [...pairs.values()];
};

/** @param joint Logarithms of the probabilities of the true classes, up to a constant */
const chanceOfAgreement = (
  joint: Float64Array,
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
): number => {
  const most = joint.reduce((best, one) => Math.max(best, one), Number.NEGATIVE_INFINITY);
  let all = 0;
  let alike = 0;
  joint.forEach((one, k) => {
    const p = Math.exp(one - most);
    all += p;
    alike += p * first[k]!.reduce((sum, q, j) => sum + q * second[k]![j]!, 0);
  });
  return Math.min(1, alike / all);
};
